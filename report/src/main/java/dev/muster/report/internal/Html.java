package dev.muster.report.internal;

import dev.muster.error.Visible;
import java.time.Duration;
import java.util.Locale;

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

  /** Returns a whole number with separators, as in {@code 1,000,000}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Returns a number with its noun, as in {@code 1 task} or {@code 2,000 tasks}. */
  static String count(long number, String one) {
    return count(number) + " " + one + (number == 1 ? "" : "s");
  }

  /** Returns a span for people, for example {@code 35 ms}, {@code 1.5 s}, {@code 2:05} or {@code 1:00:00}. */
  static String span(double seconds) {
    if (seconds < 0.9995) {
      return seconds < 0.00995
          ? String.format(Locale.ROOT, "%.1f ms", seconds * 1000)
          : String.format(Locale.ROOT, "%.0f ms", seconds * 1000);
    }
    if (seconds < 59.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  static String span(Duration span) {
    return span(span.toNanos() / 1e9);
  }

  /** Returns microseconds as a span for people. */
  static String micros(long micros) {
    return span(micros / 1e6);
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
        : String.format(
            Locale.ROOT, size < 9.95 ? "%.1f %cB" : "%.0f %cB", size, UNITS.charAt(unit));
  }

  /** Returns a part of a whole in percent; of nothing a dash. */
  static String percent(double part, double whole) {
    return whole <= 0
        ? "–"
        : String.format(Locale.ROOT, "%.0f %%", 100 * Math.min(1, part / whole));
  }
}
