package dev.muster.resource;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes spans of time the way batch systems and workflow files do.
 *
 * <p>Text forms: {@code HH:MM:SS}, {@code D-HH:MM:SS}, {@code 90s}, {@code 15m}, {@code 2h}, {@code 1d}, {@code 250ms},
 * or a bare number of seconds. Thread-safe.
 *
 * @since 0.1
 */
public final class Walltime {
  private static final Pattern CLOCK =
      Pattern.compile("(?:(\\d{1,12})-)?(\\d{1,6}):([0-5]?\\d):([0-5]?\\d)");
  private static final Pattern UNIT =
      Pattern.compile("(\\d{1,19}(?:\\.\\d{1,9})?)\\s*(ms|s|m|h|d)?");

  private Walltime() {}

  /**
   * Reads a span of time.
   *
   * @throws IllegalArgumentException if the text is none of the forms above, is not a whole number of milliseconds, or
   *     exceeds 2^63 of them
   */
  public static Duration parse(String text) {
    String trimmed = text.strip();
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
          Shown.quoted(text)
              + " is not a span of time; write HH:MM:SS, D-HH:MM:SS, 90s, 15m, 2h or a number of seconds");
    }
    BigDecimal millis =
        new BigDecimal(unit.group(1)).multiply(BigDecimal.valueOf(unitMillis(unit.group(2))));
    try {
      return Duration.ofMillis(millis.longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          Shown.quoted(text) + " is not a whole number of milliseconds below 2^63", e);
    }
  }

  private static long unitMillis(@Nullable String unit) {
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

  /**
   * Writes a span as {@code HH:MM:SS} or {@code D-HH:MM:SS}, or in milliseconds ({@code 250ms}) if it has a fraction of
   * a second; what is below a millisecond is left out. {@link #parse} reads it back.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public static String format(Duration span) {
    if (span.isNegative()) {
      throw new IllegalArgumentException("a span of time cannot be negative, got " + span);
    }
    if (span.toMillisPart() != 0) {
      return span.toMillis() + "ms";
    }
    String clock = String.format(
        Locale.ROOT,
        "%02d:%02d:%02d",
        span.toHoursPart(),
        span.toMinutesPart(),
        span.toSecondsPart());
    return span.toDays() == 0 ? clock : span.toDays() + "-" + clock;
  }
}
