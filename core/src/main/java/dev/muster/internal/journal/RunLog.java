package dev.muster.internal.journal;

import dev.muster.error.Visible;
import dev.muster.internal.io.IoErrors;
import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The log of a run for people: stages, failures, workers, and what operations say. Single tasks that go well are in the
 * journal only. Thread-safe.
 */
public final class RunLog implements RunListener, Closeable {
  private final OutputStream file;
  private final BufferedWriter out;
  private boolean closed;

  /** Opens the log of a run directory for appending. */
  public RunLog(Path file) throws IOException {
    // No channel: operations write here, and an interrupt of one would close it for all.
    this.file = new FileOutputStream(file.toFile(), true);
    out = new BufferedWriter(new OutputStreamWriter(this.file, StandardCharsets.UTF_8));
  }

  @Override
  public void onEvent(RunEvent event) {
    String line = line(event);
    if (line != null) {
      write(event.time(), line);
    }
  }

  /** Writes a line that an operation said. */
  public void say(Instant time, String task, String message) {
    write(time, Visible.line(task) + ": " + message);
    flush();
  }

  private synchronized void write(Instant time, String line) {
    if (closed) { // said by an operation that has outlived its run
      return;
    }
    try {
      out.write(time.truncatedTo(ChronoUnit.MILLIS) + " " + indented(line));
      out.newLine();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Returns a text as a log has it: nobody can make it look like other lines than it is. */
  public static String indented(String text) {
    return Visible.text(text).replace("\n", "\n    ");
  }

  private static @Nullable String line(RunEvent event) {
    if (event instanceof RunEvent.RunStarted e) {
      return "run " + e.run() + " of " + e.workflow() + " started, " + tasks(e.tasks());
    }
    if (event instanceof RunEvent.RunFinished e) {
      return "run " + e.status().name().toLowerCase(Locale.ROOT) + " after "
          + e.elapsed().toMillis() / 1e3 + " s" + (e.message() == null ? "" : ": " + e.message());
    }
    if (event instanceof RunEvent.StageStarted e) {
      return "stage " + e.stage() + " started, " + tasks(e.tasks());
    }
    if (event instanceof RunEvent.StageFinished e) {
      return "stage " + e.stage() + " finished: " + e.succeeded() + " succeeded, " + e.failed()
          + " failed, " + e.skipped() + " skipped";
    }
    if (event instanceof RunEvent.TaskFailed e) {
      return e.name() + " attempt " + e.attempt() + " failed (" + e.kind() + "): " + e.message()
          + (e.retryAfter() == null
              ? ""
              : "\nnext attempt in " + e.retryAfter().toMillis() / 1e3 + " s");
    }
    if (event instanceof RunEvent.InputsMissing e) {
      return e.name() + " goes on without " + e.missing() + " of the " + e.gathered()
          + " outputs that it gathers: " + String.join(", ", e.names())
          + (e.missing() > e.names().size() ? ", ..." : "");
    }
    if (event instanceof RunEvent.WorkerStarted e) {
      return "worker " + e.worker() + " of pool " + e.pool() + " started";
    }
    if (event instanceof RunEvent.WorkerEnded e) {
      return "worker " + e.worker() + " of pool " + e.pool() + " ended"
          + (e.reason() == null ? "" : ": " + e.reason());
    }
    return event instanceof RunEvent.Notice e ? e.message() : null;
  }

  private static String tasks(int count) {
    return count == 1 ? "1 task" : count + " tasks";
  }

  /** Writes what is buffered to the file. */
  public synchronized void flush() {
    if (closed) {
      return;
    }
    try {
      out.flush();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private UncheckedIOException broken(IOException e) {
    closed = true; // what is written later would repeat what is buffered
    try {
      file.close();
    } catch (IOException again) {
      e.addSuppressed(again);
    }
    return IoErrors.unchecked("cannot write the run's log", e);
  }

  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      out.close();
    }
  }
}
