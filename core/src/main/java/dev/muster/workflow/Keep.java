package dev.muster.workflow;

/**
 * Which results of tasks a run with a directory keeps, for a run that goes on from it.
 *
 * @since 0.1
 */
public enum Keep {
  /**
   * Those that can be read back as they were: text, numbers, lists, mappings, bytes, arrays and files. Of those that
   * stay on workers only some, where that costs little.
   */
  AUTO,
  /** Those of {@link #AUTO}, and all that stay on workers: a copy of each is written when its task ends. */
  ALL,
  /** None: only that the task is done, and a digest of what it gave. It runs again if something needs its result. */
  NONE
}
