package dev.muster.dask;

import dev.muster.batch.JobStatus;
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
    Integer code = ended.exitCode();
    boolean byItself = ended.end() == JobStatus.End.FAILED || kind == FailureKind.OUT_OF_MEMORY;
    return new WorkerEnd(
        kind,
        describe(ended),
        byItself && code != null && code > 0 && code < 256 ? code : null,
        log);
  }

  /** Returns for example {@code ran out of memory (exit code 137; oom-kill)}. */
  static String describe(JobStatus.Ended ended) {
    String what = switch (ended.end()) {
      case SUCCEEDED, FAILED -> "ended";
      case CANCELLED -> "was removed";
      case WALLTIME -> "was out of walltime";
      case OUT_OF_MEMORY -> "ran out of memory";
      case PREEMPTED -> "was preempted";
      case NODE_LOST -> "lost its machine";
      case LOST -> "is over, and nobody can say how";
    };
    String code = ended.exitCode() == null ? "" : "exit code " + ended.exitCode();
    String reason = ended.reason() == null ? "" : ended.reason();
    String between = code.isEmpty() || reason.isEmpty() ? "" : "; ";
    return code.isEmpty() && reason.isEmpty() ? what : what + " (" + code + between + reason + ")";
  }
}
