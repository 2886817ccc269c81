package dev.muster.batch.backend;

import dev.muster.spi.StoredOutput;
import dev.muster.value.ValueEncoding;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The output of a task that lies in a file because it is large. Immutable and thread-safe.
 *
 * @param file the file, in the run's directory
 */
record FileOutput(Path file) implements StoredOutput {
  @Override
  public @Nullable Object read() {
    return ValueEncoding.decode(file);
  }

  @Override
  public boolean kept() {
    return true;
  }

  @Override
  public void release() {
    // It stays in the run's directory.
  }
}
