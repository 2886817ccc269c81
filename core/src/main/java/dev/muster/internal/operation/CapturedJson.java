package dev.muster.internal.operation;

import dev.muster.value.JsonValues;
import dev.muster.value.ValueException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a command has printed as JSON: UTF-8, with or without a byte order mark, one value and nothing else. It is
 * plain JSON: no object in it stands for a file or bytes. {@code captured.py} does the same on workers. Thread-safe.
 */
final class CapturedJson {
  private static final int UTF8_MARK = 0xEFBBBF;

  private CapturedJson() {}

  /**
   * Returns the value.
   *
   * @throws ValueException if there is none, or more than one, or it is not certain what is meant
   */
  static @Nullable Object read(byte[] printed) {
    byte[] bytes =
        begin(printed, 3) == UTF8_MARK ? Arrays.copyOfRange(printed, 3, printed.length) : printed;
    int begin = begin(bytes, 2);
    // The first character of JSON is one of ASCII, so half of it is 0 in UTF-16.
    if (begin == 0xFEFF
        || begin == 0xFFFE
        || (bytes.length > 1 && (bytes[0] == 0 || bytes[1] == 0))) {
      throw wrong("it looks like UTF-16 or UTF-32; let it print UTF-8");
    }
    boolean blank = true;
    for (int i = 0; i < bytes.length && blank; i++) {
      blank = " \t\r\n".indexOf(bytes[i]) >= 0;
    }
    if (blank) {
      throw wrong("it printed nothing");
    }
    return JsonValues.parse(bytes);
  }

  private static ValueException wrong(String why) {
    return new ValueException(why, null);
  }

  private static int begin(byte[] bytes, int count) {
    int value = bytes.length < count ? -1 : 0;
    for (int i = 0; i < count && i < bytes.length; i++) {
      value = value << 8 | (bytes[i] & 0xFF);
    }
    return bytes.length < count ? -1 : value;
  }
}
