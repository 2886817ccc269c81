package dev.muster.resource;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and writes spans of time the way batch systems and workflow files do.
 *
 * <p>Text forms: {@code HH:MM:SS}, {@code D-HH:MM:SS}, {@code 90s}, {@code 15m}, {@code 2h}, {@code 1d}, {@code 250ms}, or a
 * bare number of seconds. Thread-safe.
 *
 * @since 0.1
 */
public final class Walltime {
  private static final Pattern CLOCK =
      Pattern.compile("(?:(\\d{1,5})-)?(\\d{1,6}):([0-5]?\\d):([0-5]?\\d)");
  private static final Pattern UNIT =
      Pattern.compile("(\\d{1,12})(?:\\.(\\d{1,3}))?\\s*(ms|s|m|h|d)?");

  private Walltime() {}

  /**
   * Reads a span of time.
   *
   * @throws IllegalArgumentException if the text is none of the forms above
   */
  public static Duration parse(String text) {
    String trimmed = text.trim();
    Matcher clock = CLOCK.matcher(trimmed);
    if (clock.matches()) {
      long days = clock.group(1) == null ? 0 : Long.parseLong(clock.group(1));
      return Duration.ofDays(days)
          .plusHours(Long.parseLong(clock.group(2)))
          .plusMinutes(Long.parseLong(clock.group(3)))
          .plusSeconds(Long.parseLong(clock.group(4)));
    }
    Matcher unit = UNIT.matcher(trimmed);
    if (!unit.matches()) {
      throw new IllegalArgumentException(
          "'" + text
              + "' is not a span of time; write HH:MM:SS, D-HH:MM:SS, 90s, 15m, 2h or a number of seconds");
    }
    long unitMillis = unitMillis(unit.group(3));
    long whole = Math.multiplyExact(Long.parseLong(unit.group(1)), unitMillis);
    String fraction = unit.group(2);
    long part = fraction == null
        ? 0
        : unitMillis * Long.parseLong((fraction + "00").substring(0, 3)) / 1000;
    return Duration.ofMillis(Math.addExact(whole, part));
  }

  private static long unitMillis(@org.jspecify.annotations.Nullable String unit) {
    if (unit == null) {
      return 1000;
    }
    return switch (unit) {
      case "ms" -> 1;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      case "d" -> 86_400_000;
      default -> 1000;
    };
  }

  /** Writes a span as {@code HH:MM:SS} or {@code D-HH:MM:SS}, or in milliseconds ({@code 250ms}) if it has a fraction. */
  public static String format(Duration span) {
    if (span.toMillisPart() != 0) {
      return span.toMillis() + "ms";
    }
    String clock = String.format(
        "%02d:%02d:%02d", span.toHoursPart(), span.toMinutesPart(), span.toSecondsPart());
    return span.toDays() == 0 ? clock : span.toDays() + "-" + clock;
  }
}
