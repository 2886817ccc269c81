package dev.muster.report.internal;

import dev.muster.error.Visible;
import java.time.Duration;
import java.time.Instant;

/** Texts as they stand on a page. Everything that the page did not write itself goes through {@link #text}. Pure. */
final class Html {
  private static final String UNITS = "KMGTP";

  private Html() {}

  /** Returns a text that came from elsewhere on one line, as content of an element or a quoted attribute. */
  static String text(String text) {
    return escaped(Visible.line(text.replace("\t", "    ")));
  }

  /** Returns a text that came from elsewhere with its line breaks. */
  static String lines(String text) {
    return escaped(String.join("\n", Visible.lines(text.strip())));
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }

  // Formatter takes longer to load than the rest of the report of a short run takes.

  /** Returns a whole number with separators, as in {@code 1,000,000}. */
  static String count(long number) {
    String digits = Long.toString(number);
    StringBuilder grouped = new StringBuilder(digits);
    for (int i = digits.length() - 3; i > (number < 0 ? 1 : 0); i -= 3) {
      grouped.insert(i, ',');
    }
    return grouped.toString();
  }

  /** Returns a number with its noun, as in {@code 1 task} or {@code 2,000 tasks}. */
  static String count(long number, String one) {
    return count(number) + " " + one + (number == 1 ? "" : "s");
  }

  /** Returns a span for people, for example {@code 35 ms}, {@code 1.5 s}, {@code 2:05} or {@code 1:00:00}. */
  static String span(double seconds) {
    if (seconds < 0.9995) {
      return seconds < 0.00995
          ? tenths(seconds * 1000) + " ms"
          : Math.round(seconds * 1000) + " ms";
    }
    if (seconds < 59.95) {
      return tenths(seconds) + " s";
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? whole / 60 + ":" + two(whole % 60)
        : whole / 3600 + ":" + two(whole / 60 % 60) + ":" + two(whole % 60);
  }

  private static String tenths(double number) {
    long tenths = Math.round(number * 10);
    return tenths / 10 + "." + tenths % 10;
  }

  private static String two(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }

  static String span(Duration span) {
    return span(span.toNanos() / 1e9);
  }

  /** Returns microseconds as a span for people. */
  static String micros(long micros) {
    return span(micros / 1e6);
  }

  /** Returns a time in UTC to the second, as in {@code 2026-01-31 10:15:00 UTC}. */
  static String time(Instant time) {
    String text = time.toString(); // 2026-01-31T10:15:00.123Z
    return text.substring(0, 10) + " " + text.substring(11, 19) + " UTC";
  }

  /** Returns a size for people, for example {@code 1.5 GB}; units are powers of 1000. */
  static String bytes(long bytes) {
    double size = bytes;
    int unit = -1;
    while (size >= 999.5 && unit + 1 < UNITS.length()) {
      size /= 1000;
      unit++;
    }
    return unit < 0
        ? bytes + " B"
        : (size < 9.95 ? tenths(size) : Long.toString(Math.round(size))) + " " + UNITS.charAt(unit)
            + "B";
  }
}
