package dev.muster.internal.journal;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.run.RunEvent;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows the journals of a run while they are written: each call reads what is new. Not thread-safe. */
public final class JournalTail implements Closeable {
  private final Path run;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
  private final byte[] buffer = new byte[1 << 16];
  private int controller = 1;
  private int number = 1;
  private String id = "";
  private @Nullable InputStream in;

  /** @param run the run's directory */
  public JournalTail(Path run) {
    this.run = run;
  }

  /**
   * Reads the whole lines that were written since the last call, of one journal after the other.
   *
   * @throws MusterException if one cannot be read or a line is damaged
   */
  public void read(Consumer<RunEvent> events) {
    do {
      Path file = RunLayout.journal(run, controller);
      try {
        readOn(file, events);
      } catch (IOException e) {
        throw new MusterException(
            "cannot read the journal " + file + ": " + IoErrors.describe(e), e);
      }
    } while (next());
  }

  private void readOn(Path file, Consumer<RunEvent> events) throws IOException {
    InputStream open = in;
    if (open == null) {
      open = Files.newInputStream(file);
      in = open;
    }
    for (int count = open.read(buffer); count > 0; count = open.read(buffer)) {
      int begin = 0;
      for (int i = 0; i < count; i++) {
        if (buffer[i] == '\n') {
          line.write(buffer, begin, i - begin);
          take(file, events);
          begin = i + 1;
        }
      }
      line.write(buffer, begin, count - begin);
    }
  }

  private void take(Path file, Consumer<RunEvent> events) {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (!text.isEmpty()) {
      RunEvent event = JournalReader.event(text, id, file, number);
      if (event != null) {
        id = event.run();
        events.accept(event);
      }
    }
    number++;
  }

  private boolean next() {
    if (!Files.exists(RunLayout.journal(run, controller + 1), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    close();
    controller++;
    number = 1;
    line.reset();
    return true;
  }

  /** Closes the file. Idempotent. */
  @Override
  public void close() {
    InputStream open = in;
    in = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw IoErrors.unchecked("cannot close a journal of " + run, e);
      }
    }
  }
}
