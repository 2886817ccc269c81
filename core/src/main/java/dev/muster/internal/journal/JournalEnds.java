package dev.muster.internal.journal;

import dev.muster.run.RunEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The first and the last event of a journal, which are read without the rest. Immutable and thread-safe.
 *
 * @param first the first event, or null if there is no whole line
 * @param last the last event, or null as before
 */
public record JournalEnds(
    @Nullable RunEvent first, @Nullable RunEvent last) {
  private static final int FIRST = 4096;
  private static final int LAST = 1 << 15;
  private static final int LONGEST = 1 << 22;

  /**
   * Reads them. A link is not followed.
   *
   * @throws IOException if the file cannot be read, or a line is damaged
   */
  public static JournalEnds of(Path file) throws IOException {
    try (SeekableByteChannel in =
        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      String begin = text(in, 0, (int) Math.min(in.size(), FIRST));
      for (int most = FIRST; begin.indexOf('\n') < 0 && most < in.size() && most < LONGEST; ) {
        most *= 4;
        begin = text(in, 0, (int) Math.min(in.size(), most));
      }
      int end = begin.indexOf('\n');
      if (end < 0) {
        return new JournalEnds(null, null);
      }
      RunEvent first = event(file, begin.substring(0, end), "");
      String line = lastLine(in);
      RunEvent last = line == null ? first : event(file, line, first == null ? "" : first.run());
      return new JournalEnds(first, last);
    }
  }

  private static @Nullable RunEvent event(Path file, String line, String run) throws IOException {
    try {
      return JournalFormat.read(line, run);
    } catch (RuntimeException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static @Nullable String lastLine(SeekableByteChannel in) throws IOException {
    long size = in.size();
    for (int most = LAST; most <= LONGEST; most *= 4) {
      int length = (int) Math.min(size, most);
      String text = text(in, size - length, length);
      int end = text.lastIndexOf('\n');
      int begin = end < 0 ? -1 : text.lastIndexOf('\n', end - 1);
      if (begin >= 0) {
        return text.substring(begin + 1, end);
      }
      if (length == size) {
        return end < 0 ? null : text.substring(0, end);
      }
    }
    return null;
  }

  // Line ends are found in bytes of UTF-8, whatever stands before them.
  private static String text(SeekableByteChannel in, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    in.position(from);
    int read;
    do {
      read = in.read(bytes);
    } while (read >= 0 && bytes.hasRemaining());
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
  }
}
