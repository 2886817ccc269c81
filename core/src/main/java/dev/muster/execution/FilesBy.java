package dev.muster.execution;

/**
 * By what a run that goes on compares data files.
 *
 * @since 0.1
 */
public enum FilesBy {
  /** Size and time of the last change. */
  TIMES,
  /** Content: every data file is read when a run starts. */
  CONTENT
}
