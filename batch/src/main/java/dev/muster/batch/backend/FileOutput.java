package dev.muster.batch.backend;

import dev.muster.internal.io.IoErrors;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.StoredOutput;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The output of a task that lies in a file because it is large. Immutable and thread-safe.
 *
 * @param file the file, in the run's directory
 */
record FileOutput(Path file) implements StoredOutput {
  private static final Logger log = LoggerFactory.getLogger(FileOutput.class);

  /** A file that is longer holds a value that is too large for a record. */
  private static final long MOST_COPIED = 128L << 20;

  @Override
  public @Nullable Object read() {
    return ValueEncoding.decode(file);
  }

  @Override
  public @Nullable OutputCopy copy() {
    try {
      return Files.size(file) > MOST_COPIED ? null : OutputCopy.of(read());
    } catch (IOException | ValueException e) { // whoever reads it is told
      log.debug("an output cannot be read to be kept: {}", IoErrors.words(e));
      return null;
    }
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
