package dev.muster.dask;

import dev.muster.internal.io.IoErrors;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.StoredOutput;
import dev.muster.value.ValueEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The output of a task that stays where the task ran, or lies in a file because it is large. Thread-safe. */
final class StoredValue implements StoredOutput {
  private final IntConsumer release;
  private final int task;
  private final @Nullable Object value;
  private final boolean kept;
  private @Nullable OutputCopy copy;

  /**
   * @param release takes the task when its output need not be kept on Dask any more
   * @param value the output if it is small, or a {@link Large} one
   * @param kept whether it came to this JVM; otherwise it did not leave its worker
   * @param copy what a later run can read, or null
   */
  StoredValue(
      IntConsumer release,
      int task,
      @Nullable Object value,
      boolean kept,
      @Nullable OutputCopy copy) {
    this.copy = copy;
    this.release = release;
    this.task = task;
    this.value = value;
    this.kept = kept;
  }

  /**
   * An output in a file.
   *
   * @param bytes whether the file holds it as it is; otherwise as JSON
   */
  record Large(Path file, boolean bytes) {}

  @Override
  public @Nullable Object read() {
    if (!(value instanceof Large large)) {
      return value;
    }
    try {
      return large.bytes() ? Files.readAllBytes(large.file()) : ValueEncoding.decode(large.file());
    } catch (IOException e) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          "the output in " + large.file() + " cannot be read: " + IoErrors.describe(e),
          e);
    }
  }

  /** {@inheritDoc} Given once if the output is not here otherwise: it is not to be held for its readers. */
  @Override
  public synchronized @Nullable OutputCopy copy() {
    OutputCopy found = copy;
    if (!kept) {
      copy = null;
    }
    return found;
  }

  @Override
  public boolean kept() {
    return kept;
  }

  @Override
  public void release() {
    release.accept(task);
  }
}
