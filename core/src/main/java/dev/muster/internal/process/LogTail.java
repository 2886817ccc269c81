package dev.muster.internal.process;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads the end of log files, which may be large and need not be text. Thread-safe. */
public final class LogTail {
  private static final int MAX_BYTES = 8192;
  private static final int MAX_LINES = 20;

  private LogTail() {}

  /**
   * Returns the end of a log under a heading, each line of it indented, to be added to a message; empty if there is
   * nothing.
   *
   * @param heading what the file has, for example {@code stderr}
   */
  public static String section(String heading, Path file) {
    String text = of(file);
    return text.isEmpty() ? "" : "\n" + heading + ":\n" + text.indent(2).stripTrailing();
  }

  /** Returns the same of a file of which nothing else in the message says where it is. */
  public static String named(String heading, Path file) {
    return section(heading + " (" + file + ")", file);
  }

  /**
   * Returns the last 20 lines of a file, at most 8 KiB of it, without a line break at the end; empty if there is
   * nothing.
   */
  public static String of(Path file) {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      long size = channel.size();
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, MAX_BYTES));
      channel.position(size - bytes.capacity());
      int read;
      do {
        read = channel.read(bytes);
      } while (read >= 0 && bytes.hasRemaining());
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
      return lastLines(text, size > MAX_BYTES);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      return "(" + file + " cannot be read: " + IoErrors.describe(e) + ")";
    }
  }

  private static String lastLines(String text, boolean cut) {
    List<String> lines = text.stripTrailing().lines().toList();
    int skipped = Math.max(0, lines.size() - MAX_LINES);
    String tail = String.join("\n", lines.subList(skipped, lines.size()));
    return (cut || skipped > 0) && !tail.isEmpty() ? "...\n" + tail : tail;
  }
}
