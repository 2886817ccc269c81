package dev.muster.dask;

import dev.muster.internal.json.Wire;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.StoredOutput;
import dev.muster.value.FileRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The output of a task that stays where the task ran, or lies in a file because it is large. Thread-safe. */
final class StoredValue implements StoredOutput {
  private final DaskSession session;
  private final int task;
  private final @Nullable Object value;

  /**
   * @param value the output if it is small, a {@link Large} one, or null if it did not leave its worker
   */
  StoredValue(DaskSession session, int task, @Nullable Object value) {
    this.session = session;
    this.task = task;
    this.value = value;
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
      return large.bytes() ? Files.readAllBytes(large.file()) : Wire.decode(large.file());
    } catch (IOException e) {
      throw new TaskException(
          FailureKind.SERIALIZATION, "the output in " + large.file() + " cannot be read: " + e, e);
    }
  }

  @Override
  public @Nullable Object result() {
    return value instanceof Large large ? FileRef.of(large.file()) : value;
  }

  @Override
  public void release() {
    session.release(task);
  }
}
