package dev.muster.run;

/**
 * Why a task failed, as one of a closed set.
 *
 * @since 0.1
 */
public enum FailureKind {
  /** The operation or a modifier raised an exception, or its command ended with a non-zero exit code. */
  OPERATION(true, true),
  /** It ran longer than its stage's timeout. */
  TIMEOUT(true, true),
  /** It ran out of memory. */
  OUT_OF_MEMORY(true, true),
  /** An input or output could not be written or read on its way between workers. */
  SERIALIZATION(false, true),
  /** Its worker died or was lost, through no fault that is known of the task. */
  WORKER_LOST(true, false),
  /** Its worker's time in the batch system was over. */
  WALLTIME(true, false),
  /** Its worker was taken back by the batch system. */
  PREEMPTED(true, false),
  /** The worker's software environment could not be set up. */
  ENVIRONMENT(false, true),
  /** A credential was missing, expired or refused. */
  CREDENTIAL(false, true),
  /** Something could not be reached over the network. */
  NETWORK(true, true),
  /** The backend could not carry it out for a reason of its own. */
  BACKEND(false, true),
  /** The run was cancelled. */
  CANCELLED(false, false),
  /** A task that it depends on failed; it never started. */
  UPSTREAM(false, false);

  private final boolean retryable;
  private final boolean spendsRetry;

  FailureKind(boolean retryable, boolean spendsRetry) {
    this.retryable = retryable;
    this.spendsRetry = spendsRetry;
  }

  /** Tells whether the same task may succeed when it is tried again. */
  public boolean retryable() {
    return retryable;
  }

  /** Tells whether another attempt counts against the stage's {@code retry.max}; what the site did does not. */
  public boolean spendsRetry() {
    return spendsRetry;
  }
}
