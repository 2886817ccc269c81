package dev.muster.internal.journal;

import dev.muster.error.Visible;
import dev.muster.execution.Durability;
import dev.muster.internal.io.IoErrors;
import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Writes events to a run's journal, one JSON object a line: whole lines or nothing. Not thread-safe: the thread that
 * delivers events calls it, and calls {@link #flush} whenever it has nothing else to do, so that what is not on disk
 * yet is never older than the thread is busy.
 */
public final class JournalWriter implements RunListener, Closeable {
  private static final Logger log = LoggerFactory.getLogger(JournalWriter.class);
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
      .rootValueSeparator("")
      .characterEscapes(new HiddenEscapes())
      .build();

  private final OutputStream file;
  private final OutputStream out;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
  private JsonGenerator json = generator();
  private final Sync sync;
  private boolean broken;
  private boolean unsynced;

  /** Brings what a file has to the disk. */
  interface Sync {
    void bring() throws IOException;
  }

  /** Opens the journal of a run directory for appending; what it has survives the end of the process. */
  public JournalWriter(Path file) throws IOException {
    this(file, Durability.PROCESS);
  }

  /** Opens the journal of a run directory for appending. */
  public JournalWriter(Path file, Durability durability) throws IOException {
    this(new FileOutputStream(file.toFile(), true), durability);
  }

  // No channel: an interrupt would close it.
  private JournalWriter(FileOutputStream out, Durability durability) throws IOException {
    this(out, durability == Durability.MACHINE ? out.getFD()::sync : () -> {});
  }

  JournalWriter(OutputStream out) {
    this(out, () -> {});
  }

  JournalWriter(OutputStream out, Sync sync) {
    this.sync = sync;
    this.file = out;
    this.out = new BufferedOutputStream(out, 1 << 15);
  }

  private JsonGenerator generator() {
    return JSON.createGenerator(ObjectWriteContext.empty(), line, JsonEncoding.UTF8);
  }

  /**
   * Writes an event.
   *
   * @throws UncheckedIOException if the journal cannot be written
   */
  @Override
  public void onEvent(RunEvent event) {
    try {
      append(event);
    } catch (RuntimeException | StackOverflowError e) {
      if (!(event instanceof RunEvent.TaskSucceeded succeeded)) {
        throw e;
      }
      // Diagnostics are whatever operations note: objects that cannot be written, or not be shown
      // as text.
      log.warn(
          "the diagnostics of {} cannot be written to the journal",
          Visible.line(succeeded.name()),
          e);
      json = generator();
      line.reset();
      append(succeeded.withoutDiagnostics());
    }
    try {
      line.writeTo(out);
      unsynced = true;
    } catch (IOException e) {
      throw broken(e);
    } finally {
      line.reset();
    }
  }

  private void append(RunEvent event) {
    JournalFormat.write(event, json);
    json.writeRaw('\n');
    json.flush();
  }

  /**
   * Writes what is buffered to the file, and with {@link Durability#MACHINE} to the disk.
   *
   * @throws UncheckedIOException if the journal cannot be written
   */
  public void flush() {
    try {
      out.flush();
      if (unsynced) {
        sync.bring();
        unsynced = false;
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private UncheckedIOException broken(IOException e) {
    broken = true;
    return IoErrors.unchecked("cannot write the journal", e);
  }

  /**
   * Closes the file. Nothing is written any more once that has failed: it would follow a part of a line, and repeat
   * lines.
   */
  @Override
  public void close() throws IOException {
    (broken ? file : out).close();
  }
}
