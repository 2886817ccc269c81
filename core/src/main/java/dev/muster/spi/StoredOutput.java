package dev.muster.spi;

import org.jspecify.annotations.Nullable;

/**
 * An output that a backend keeps outside of this JVM. A backend reports it in the output's place.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface StoredOutput {
  /**
   * Returns the output itself, for an operation in this JVM that reads it, or for the run's result. May block. It is
   * called after the session is closed too, if the output is {@linkplain #kept() kept}; in a run without a directory it
   * is called once before.
   *
   * @throws dev.muster.run.TaskException if it cannot be read
   */
  @Nullable
  Object read();

  /** Tells whether the output belongs to the run's result: false if it stays where it is, and ends with the session. */
  boolean kept();

  /**
   * Returns a copy that a later run can read, or null, the default, if there is none: then the task runs again where
   * something needs its output. May be given once only: it is asked for when the task has succeeded, before its readers
   * are told of.
   */
  default @Nullable OutputCopy copy() {
    return null;
  }

  /** Says that nothing in the run reads it any more. Returns at once. Called at most once. */
  void release();
}
