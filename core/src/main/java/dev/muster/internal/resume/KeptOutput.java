package dev.muster.internal.resume;

import dev.muster.internal.io.IoErrors;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.StoredOutput;
import dev.muster.value.ValueException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A result of an earlier run, which is read when something asks for it. Thread-safe. */
final class KeptOutput implements StoredOutput {
  private static final Logger log = LoggerFactory.getLogger(KeptOutput.class);

  private final RecordTable table;
  private final String name;
  private final int id;

  /**
   * @param name the name of the task
   * @param id the number of its record
   */
  KeptOutput(RecordTable table, String name, int id) {
    this.table = table;
    this.name = name;
    this.id = id;
  }

  @Override
  public @Nullable Object read() {
    try {
      return ValueDecoder.decode(value());
    } catch (IOException e) {
      throw unreadable(IoErrors.describe(e), e);
    } catch (ValueException e) {
      throw unreadable(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public @Nullable OutputCopy copy() {
    try {
      return ValueDecoder.inFile(value());
    } catch (IOException e) {
      throw unreadable(IoErrors.describe(e), e);
    }
  }

  private byte[] value() throws IOException {
    if (!table.kept(id)) {
      throw new IOException("it stayed on its worker, and what read it is gone meanwhile");
    }
    RecordTable.Result result = table.result(id);
    for (SavedFile file : result.files()) {
      if (!file.isThere()) {
        throw new IOException(file.path() + " is gone or has changed");
      }
    }
    return result.value();
  }

  private TaskException unreadable(String why, Exception e) {
    return new TaskException(
        FailureKind.SERIALIZATION,
        "the output of " + name + " of an earlier run cannot be read: " + why,
        e);
  }

  @Override
  public boolean kept() {
    return true;
  }

  @Override
  public void release() {
    log.trace("nothing reads the output of {} any more", name);
  }
}
