package dev.muster.internal.journal;

import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Writes events to a run's journal, one JSON object a line. Not thread-safe: the thread that delivers events calls it, and calls {@link #flush} whenever it has
 * nothing else to do, so that what is not on disk yet is never older than the thread is busy.
 */
public final class JournalWriter implements RunListener, AutoCloseable {
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
      .rootValueSeparator("")
      .build();

  private final OutputStream out;
  private final JsonGenerator json;

  /** Opens the journal of a run directory for appending. */
  public JournalWriter(Path file) throws IOException {
    out = new BufferedOutputStream(
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND), 1 << 15);
    json = JSON.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8);
  }

  @Override
  public void onEvent(RunEvent event) {
    JournalFormat.write(event, json);
    json.writeRaw('\n');
  }

  /** Writes what is buffered to the file. */
  public void flush() {
    json.flush();
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the journal", e);
    }
  }

  @Override
  public void close() {
    json.close();
  }
}
