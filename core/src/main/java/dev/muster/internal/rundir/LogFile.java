package dev.muster.internal.rundir;

import dev.muster.error.Visible;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads the begin or the end of files that a run has written. Links are not followed, and what is no file of its own is
 * not opened. Thread-safe.
 */
public final class LogFile {
  private static final int MOST_BYTES = 1 << 18;

  private LogFile() {}

  /** Tells whether it is a file with something in it. */
  public static boolean hasText(Path file) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) > 0;
    } catch (IOException e) {
      return true; // reading it says what is wrong
    }
  }

  /** Returns the last lines of a file, as they may be shown; what was left out is said first. */
  public static List<String> tail(Path file, int most) {
    return shown(file, true, most);
  }

  /** Returns the first lines of a file, as they may be shown; what was left out is said last. */
  public static List<String> head(Path file, int most) {
    return shown(file, false, most);
  }

  private static List<String> shown(Path file, boolean end, int most) {
    try (SeekableByteChannel channel =
        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      long size = channel.size();
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, MOST_BYTES));
      channel.position(end ? size - bytes.capacity() : 0);
      int read;
      do {
        read = channel.read(bytes);
      } while (read >= 0 && bytes.hasRemaining());
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
      List<String> lines = Visible.lines(end ? text.strip() : text.stripTrailing());
      int left = Math.max(0, lines.size() - most);
      List<String> kept = new ArrayList<>(
          end ? lines.subList(left, lines.size()) : lines.subList(0, lines.size() - left));
      if (left > 0 || size > MOST_BYTES) {
        kept.add(end ? 0 : kept.size(), "...");
      }
      return kept;
    } catch (IOException e) {
      return List.of("(it cannot be read: " + Visible.line(IoErrors.describe(e)) + ")");
    }
  }
}
