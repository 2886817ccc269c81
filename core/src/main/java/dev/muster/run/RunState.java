package dev.muster.run;

/**
 * How a run stands, as its directory tells.
 *
 * @since 0.1
 */
public enum RunState {
  /** A process of this host has it. */
  RUNNING,
  /** A process has it that cannot be seen from here: of another host, boot or container. It may be gone. */
  ELSEWHERE,
  /** It ended, and every task succeeded. */
  SUCCEEDED,
  /** It ended; some tasks failed, and the stages that gather what they make tolerate that it is missing. */
  INCOMPLETE,
  /** It ended, and a task failed that something needs, or the backend did. */
  FAILED,
  /** It was cancelled. */
  CANCELLED,
  /** Its process is gone and did not end it. */
  KILLED,
  /** It is not known: the directory cannot be read, is of a later version, or nothing says who had the run. */
  UNKNOWN;

  /** Tells whether nothing works on the run any more, for certain. */
  public boolean isOver() {
    return this == SUCCEEDED
        || this == INCOMPLETE
        || this == FAILED
        || this == CANCELLED
        || this == KILLED;
  }
}
