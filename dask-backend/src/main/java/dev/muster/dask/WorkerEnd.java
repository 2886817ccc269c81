package dev.muster.dask;

import dev.muster.batch.spi.JobStatus;
import dev.muster.run.FailureKind;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How the job of a worker ended.
 *
 * @param kind what that means for a task that the worker had at hand
 * @param text the same in words
 * @param exitCode the exit code, 1 to 255, if the job ended by itself and it is known
 * @param log reads the end of its error output, to be added to a message
 */
record WorkerEnd(FailureKind kind, String text, @Nullable Integer exitCode, Supplier<String> log) {
  static WorkerEnd of(JobStatus.Ended ended, Supplier<String> log) {
    FailureKind kind = switch (ended.end()) {
      case OUT_OF_MEMORY -> FailureKind.OUT_OF_MEMORY;
      case WALLTIME -> FailureKind.WALLTIME;
      case PREEMPTED -> FailureKind.PREEMPTED;
      case SUCCEEDED, FAILED, CANCELLED, NODE_LOST, LOST -> FailureKind.WORKER_LOST;
    };
    return new WorkerEnd(kind, ended.describe(), ended.ownExitCode(), log);
  }
}
