package dev.muster.dask;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parts of a message of the bridge; what is not as expected is refused, and never taken for something else.
 */
final class Said {
  private static final int SHOWN = 200;

  private Said() {}

  /**
   * Returns a whole number.
   *
   * @throws IllegalArgumentException if it is none
   */
  static long number(@Nullable Object value) {
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    throw wrong("a whole number", value);
  }

  /**
   * Returns a number that fits into an int.
   *
   * @throws IllegalArgumentException if it does not, or is no number
   */
  static int small(@Nullable Object value) {
    long number = number(value);
    if (number != (int) number) {
      throw wrong("a number of 32 bits", value);
    }
    return (int) number;
  }

  /**
   * Returns a text.
   *
   * @throws IllegalArgumentException if it is none
   */
  static String text(@Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw wrong("a text", value);
  }

  /**
   * Returns a list of at least {@code least} items.
   *
   * @throws IllegalArgumentException if it is none
   */
  static List<? extends @Nullable Object> list(@Nullable Object value, int least) {
    if (value instanceof List<?> list && list.size() >= least) {
      return list;
    }
    throw wrong("a list of " + least + " items or more", value);
  }

  private static IllegalArgumentException wrong(String expected, @Nullable Object value) {
    String shown = String.valueOf(value);
    return new IllegalArgumentException("expected " + expected + ", got "
        + (shown.length() <= SHOWN ? shown : shown.substring(0, SHOWN) + "..."));
  }
}
