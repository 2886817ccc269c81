package dev.muster.internal.yaml;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file's text: read, decoded and checked within bounds. At most {@link #MOST_BYTES}, no line longer than
 * {@link #LONGEST_LINE}, UTF-8, and no control characters.
 *
 * @param file the name that messages use
 * @param text the text, without a byte order mark
 */
record SourceText(String file, String text) {
  static final int MOST_BYTES = 16 * 1024 * 1024;
  static final int LONGEST_LINE = 100_000;

  /** Reads a file. */
  static SourceText of(Path path) {
    String file = path.toString();
    try {
      if (Files.isDirectory(path)) {
        throw broken(file, "is a directory, not a file", "name a YAML file in it");
      }
      try (InputStream in = Files.newInputStream(path)) {
        return of(file, in);
      }
    } catch (NoSuchFileException e) {
      throw broken(file, "does not exist", "looked for " + path.toAbsolutePath().normalize());
    } catch (AccessDeniedException e) {
      throw broken(file, "cannot be read: permission denied", "check its permissions");
    } catch (IOException e) {
      throw broken(file, "cannot be read: " + IoErrors.describe(e), null);
    }
  }

  /** Reads a stream of UTF-8 to its end, or to the limit; does not close it. */
  static SourceText of(String file, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw tooLarge(file);
    }
    return of(file, decode(file, bytes));
  }

  /** Reads characters to their end, or to the limit; does not close the reader. */
  static SourceText of(String file, Reader in) throws IOException {
    StringBuilder text = new StringBuilder();
    char[] buffer = new char[8192];
    int count = in.read(buffer);
    while (count >= 0) {
      text.append(buffer, 0, count);
      if (text.length() > MOST_BYTES) {
        throw tooLarge(file);
      }
      count = in.read(buffer);
    }
    return of(file, text.toString());
  }

  /** Checks text. */
  static SourceText of(String file, String text) {
    if (text.length() > MOST_BYTES) {
      throw tooLarge(file);
    }
    String bare = text.startsWith("\uFEFF") ? text.substring(1) : text;
    check(file, bare);
    return new SourceText(file, bare);
  }

  private static String decode(String file, byte[] bytes) {
    String other = otherEncoding(bytes);
    if (other != null) {
      throw broken(file, "is written in " + other, "save it as UTF-8");
    }
    CharBuffer text = CharBuffer.allocate(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT)
        .decode(in, text, true);
    text.flip();
    if (result.isError()) {
      Place place = Place.end(text);
      throw new Problems(file)
          .fatal(
              place.line(),
              place.column(),
              Where.ROOT,
              String.format(
                  "the file is not UTF-8: byte 0x%02X does not belong here", bytes[in.position()]),
              "save it as UTF-8");
    }
    return text.toString();
  }

  private static @Nullable String otherEncoding(byte[] bytes) {
    int first = at(bytes, 0);
    int second = at(bytes, 1);
    int third = at(bytes, 2);
    int fourth = at(bytes, 3);
    if (first == 0xFF && second == 0xFE) {
      return third == 0 && fourth == 0 ? "UTF-32" : "UTF-16";
    }
    if (first == 0xFE && second == 0xFF) {
      return "UTF-16";
    }
    if (first == 0
        && second == 0
        && ((third == 0xFE && fourth == 0xFF) || (third == 0 && fourth > 0))) {
      return "UTF-32";
    }
    if (first > 0 && second == 0 && third == 0 && fourth == 0) {
      return "UTF-32";
    }
    return (first == 0 && second > 0) || (first > 0 && second == 0) ? "UTF-16" : null;
  }

  private static int at(byte[] bytes, int index) {
    return index < bytes.length ? bytes[index] & 0xFF : -1;
  }

  private static void check(String file, String text) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line++;
        lineStart = i + 1;
      } else if (c == '\r') {
        if (i + 1 == text.length() || text.charAt(i + 1) != '\n') {
          line++;
          lineStart = i + 1;
        }
      } else if ((c < ' ' && c != '\t')
          || c == 0x7F
          || (c >= 0x80 && c < 0xA0 && c != 0x85)
          || c >= 0xFFFE
          || c == 0xFEFF
          || (Character.isSurrogate(c) && !paired(text, i))) {
        throw new Problems(file)
            .fatal(
                line,
                text.codePointCount(lineStart, i) + 1,
                Where.ROOT,
                String.format("the character U+%04X is not allowed in a YAML file", (int) c),
                c == 0
                    ? "is this a binary file, or UTF-16?"
                    : String.format("remove it, or write \"\\u%04X\" in double quotes", (int) c));
      } else if (i - lineStart >= LONGEST_LINE) {
        throw new Problems(file)
            .fatal(
                line,
                1,
                Where.ROOT,
                "the line is longer than " + LONGEST_LINE + " characters",
                "break it, or put long content into a file of its own");
      }
    }
  }

  private static boolean paired(String text, int index) {
    char c = text.charAt(index);
    return Character.isHighSurrogate(c)
        ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
        : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
  }

  private static WorkflowException tooLarge(String file) {
    return broken(
        file,
        "is larger than 16 MiB",
        "a workflow file describes work; put data into files of its own");
  }

  private static WorkflowException broken(
      String file, String message, @Nullable String suggestion) {
    return new WorkflowException(
        List.of(new Problem(null, "", "the file " + file + " " + message, suggestion)));
  }

  private record Place(int line, int column) {
    static Place end(CharBuffer text) {
      int line = 1;
      int column = 1;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '\n') {
          line++;
          column = 1;
        } else if (!Character.isLowSurrogate(c)) {
          column++;
        }
      }
      return new Place(line, column);
    }
  }
}
