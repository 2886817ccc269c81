package dev.muster.internal.journal;

import dev.muster.error.MusterException;
import dev.muster.run.RunEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads journals back. Thread-safe. */
public final class JournalReader {
  private JournalReader() {}

  /**
   * Reads a journal. The last line may be incomplete, as the end of a JVM can leave it: it is left out.
   *
   * @throws MusterException if the file cannot be read or another line is damaged
   */
  public static List<RunEvent> read(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new MusterException("cannot read the journal " + file + ": " + e, e);
    }
    List<RunEvent> events = new ArrayList<>();
    int line = 0;
    for (int start = 0; start < text.length(); ) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        break;
      }
      line++;
      if (end > start) {
        try {
          RunEvent event = JournalFormat.read(text.substring(start, end));
          if (event != null) {
            events.add(event);
          }
        } catch (RuntimeException e) {
          throw new MusterException(file + ":" + line + ": " + e.getMessage(), e);
        }
      }
      start = end + 1;
    }
    return List.copyOf(events);
  }
}
