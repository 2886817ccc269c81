package dev.muster.internal.journal;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.run.RunEvent;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads journals back. Thread-safe. */
public final class JournalReader {
  private JournalReader() {}

  /**
   * Reads a journal. The last line may be incomplete, as the end of a JVM can leave it: it is left out.
   *
   * @throws MusterException if the file cannot be read or another line is damaged
   */
  public static List<RunEvent> read(Path file) {
    List<RunEvent> events = new ArrayList<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream(512);
      int number = 1;
      String run = "";
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next != '\n') {
          line.write(next);
          continue;
        }
        if (line.size() > 0) {
          RunEvent event = event(line.toString(StandardCharsets.UTF_8), run, file, number);
          if (event != null) {
            events.add(event);
            run = event.run();
          }
        }
        line.reset();
        number++;
      }
    } catch (IOException e) {
      throw new MusterException("cannot read the journal " + file + ": " + IoErrors.describe(e), e);
    }
    return List.copyOf(events);
  }

  static @Nullable RunEvent event(String line, String run, Path file, int number) {
    try {
      return JournalFormat.read(line, run);
    } catch (RuntimeException e) {
      throw new MusterException(file + ":" + number + ": " + e.getMessage(), e);
    }
  }
}
