package dev.muster.workflow;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many of the outputs that a task gathers may be missing: a number, or a share of them.
 *
 * <p>Immutable and thread-safe.
 *
 * @param amount the number, 0 or more and whole, or the share in percent, 0 to 100
 * @param share whether it is a share
 * @since 0.1
 */
public record Tolerance(BigDecimal amount, boolean share) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,10}(?:\\.[0-9]{1,10})?)(%?)");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  public Tolerance {
    if (amount.signum() < 0) {
      throw new IllegalArgumentException("no less than 0 can be missing, got " + amount);
    }
    if (share && amount.compareTo(HUNDRED) > 0) {
      throw new IllegalArgumentException("no more than 100% can be missing, got " + amount + "%");
    }
    BigDecimal plain = amount.signum() == 0 ? BigDecimal.ZERO : amount.stripTrailingZeros();
    if (!share && (plain.scale() > 0 || plain.compareTo(BigDecimal.valueOf(1_000_000_000)) > 0)) {
      throw new IllegalArgumentException(
          "the number of what may be missing is whole, and at most 1000000000, got " + amount);
    }
    amount = plain;
  }

  /**
   * Returns a number of outputs.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public static Tolerance of(int outputs) {
    return new Tolerance(BigDecimal.valueOf(outputs), false);
  }

  /**
   * Reads {@code 3} or {@code 2.5%}.
   *
   * @throws IllegalArgumentException if it is neither, or out of range
   */
  public static Tolerance parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected a number, or a share such as 2%, got '" + text + "'");
    }
    return new Tolerance(new BigDecimal(matcher.group(1)), !matcher.group(2).isEmpty());
  }

  /** Returns how many of {@code gathered} outputs may be missing; a share is rounded down. */
  public int most(int gathered) {
    return share
        ? amount
            .multiply(BigDecimal.valueOf(gathered))
            .divide(HUNDRED, 0, RoundingMode.DOWN)
            .intValueExact()
        : amount.intValueExact();
  }

  /** Returns {@code 3} or {@code 2.5%}, which {@link #parse} reads. */
  @Override
  public String toString() {
    return amount.toPlainString() + (share ? "%" : "");
  }
}
