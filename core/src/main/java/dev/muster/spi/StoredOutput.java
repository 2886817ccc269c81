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
   * Returns the output itself, for an operation in this JVM that reads it. May block.
   *
   * @throws dev.muster.run.TaskException if it cannot be read
   */
  @Nullable
  Object read();

  /** Returns what stands for it in the run's result: the output if it is small, a {@link dev.muster.value.FileRef}, or null if it stays where it is. */
  @Nullable
  Object result();

  /** Says that nothing in the run reads it any more. Returns at once. Called at most once. */
  void release();
}
