package dev.muster.batch.backend;

import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobStatus;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import org.jspecify.annotations.Nullable;

/** What the end of a job means for a task of which the job has not told how it ended. */
final class JobEnd {
  private static final int SIGNALS = 128;

  private JobEnd() {}

  /**
   * Returns the failure.
   *
   * @param who the job, for people
   * @param begun whether the task had begun
   * @param told whether there is what it has told; else nothing has come back of it
   * @param log the end of the job's error log, with a heading; may be empty
   */
  static TaskFailure of(
      JobStatus.Ended ended, String who, boolean begun, boolean told, String log) {
    String when =
        !told ? ", and nothing has come back of it" : begun ? "" : " before its task began";
    String text = who + " " + ended.describe() + when + log;
    return TaskFailure.of(kind(ended, begun), text, ended.ownExitCode());
  }

  private static FailureKind kind(JobStatus.Ended ended, boolean begun) {
    return switch (ended.end()) {
      case OUT_OF_MEMORY -> FailureKind.OUT_OF_MEMORY;
      case WALLTIME -> FailureKind.WALLTIME;
      case PREEMPTED -> FailureKind.PREEMPTED;
      case FAILED ->
        begun || !software(ended.exitCode()) ? FailureKind.WORKER_LOST : FailureKind.ENVIRONMENT;
      case SUCCEEDED, CANCELLED, NODE_LOST, LOST -> FailureKind.WORKER_LOST;
    };
  }

  /** Tells whether a job that ended by itself before its task began did not have the software that it needs. */
  private static boolean software(@Nullable Integer code) {
    return code != null && code < SIGNALS && code != JobScript.ARRIVAL_FAILED;
  }
}
