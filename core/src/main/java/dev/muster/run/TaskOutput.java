package dev.muster.run;

import org.jspecify.annotations.Nullable;

/**
 * What a task returned, or why that is not available.
 *
 * <p>Thread-safe, apart from the value, which belongs to the operation that made it.
 *
 * @since 0.1
 */
public interface TaskOutput {
  /**
   * Tells whether the output is there, also one that is null. That its file cannot be read, or that Java cannot read
   * it, shows when it is asked for.
   */
  boolean available();

  /**
   * Returns the output; null only if the operation returned null.
   *
   * @throws IllegalStateException if it is not available; the message says why
   * @throws TaskException if it lies in a file that cannot be read, or is a Python value that Java cannot read; the
   *     message says which part of it that is
   */
  @Nullable
  Object value();

  /** Returns an output that is available. */
  static TaskOutput of(@Nullable Object value) {
    return new TaskOutput() {
      @Override
      public boolean available() {
        return true;
      }

      @Override
      public @Nullable Object value() {
        return value;
      }
    };
  }

  /**
   * Returns an output that is not available.
   *
   * @param reason why, and what to do about it
   */
  static TaskOutput missing(String reason) {
    return new TaskOutput() {
      @Override
      public boolean available() {
        return false;
      }

      @Override
      public @Nullable Object value() {
        throw new IllegalStateException(reason);
      }
    };
  }
}
