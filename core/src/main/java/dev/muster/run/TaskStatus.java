package dev.muster.run;

/**
 * Where a task stands.
 *
 * @since 0.1
 */
public enum TaskStatus {
  /** It waits for other tasks, or for its next attempt. */
  WAITING,
  /** Its backend has it, and it waits for a worker. */
  READY,
  /** A worker runs it. */
  RUNNING,
  /** It is done. */
  SUCCEEDED,
  /** It failed for good. */
  FAILED,
  /** A task that it depends on failed, or the run ended before: it never started, or was not tried again. */
  SKIPPED;

  /** Tells whether this is the end. */
  public boolean ended() {
    return compareTo(SUCCEEDED) >= 0;
  }
}
