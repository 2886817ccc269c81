package dev.muster.examples.plot;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps values to pixels, linearly or by their logarithm, and knows where the ticks are.
 *
 * <p>Immutable and thread-safe.
 *
 * @param low the value at {@code from}
 * @param high the value at {@code to}, above {@code low}
 * @param from a pixel
 * @param to a pixel
 * @param logarithmic whether equal distances are equal factors; then {@code low} is above 0
 */
record Axis(double low, double high, double from, double to, boolean logarithmic) {
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  Axis {
    if (!(low < high) || (logarithmic && low <= 0)) {
      throw new IllegalArgumentException("an axis from " + low + " to " + high);
    }
  }

  /** A tick; those without a label are short. */
  record Tick(double value, String label) {
    boolean major() {
      return !label.isEmpty();
    }
  }

  /** Returns the pixel of a value; values beyond the ends are drawn at the ends. */
  double at(double value) {
    double inside = Math.max(low, Math.min(high, value));
    double part = logarithmic
        ? StrictMath.log(inside / low) / StrictMath.log(high / low)
        : (inside - low) / (high - low);
    return from + part * (to - from);
  }

  /** Tells whether a value lies between the ends. */
  boolean contains(double value) {
    return value >= low && value <= high;
  }

  /** Returns the ticks: at powers of ten with eight between, or about {@code count} round values with four between. */
  List<Tick> ticks(int count) {
    return logarithmic ? decades() : rounds(count);
  }

  private List<Tick> decades() {
    List<Tick> ticks = new ArrayList<>();
    int first = (int) Math.floor(StrictMath.log10(low)) - 1;
    int last = (int) Math.ceil(StrictMath.log10(high)) + 1;
    for (int exponent = first; exponent <= last; exponent++) {
      for (int digit = 1; digit <= 9; digit++) {
        double value = digit * power(exponent);
        if (contains(value)) {
          ticks.add(new Tick(value, digit == 1 ? powerLabel(exponent) : ""));
        }
      }
    }
    return ticks;
  }

  private List<Tick> rounds(int count) {
    double rough = (high - low) / count;
    int exponent = (int) Math.floor(StrictMath.log10(rough));
    double unit = power(exponent);
    double step = 10 * unit;
    for (double digit : new double[] {5, 2, 1}) {
      if (digit * unit >= rough * 0.999) {
        step = digit * unit;
      }
    }
    List<Tick> ticks = new ArrayList<>();
    double small = step / 5;
    long first = (long) Math.ceil(low / small - 1e-9);
    long last = (long) Math.floor(high / small + 1e-9);
    for (long i = first; i <= last; i++) {
      double value = i * small;
      int digits = step >= 1 ? 0 : exponent < 0 ? -exponent : 1;
      String label = i % 5 != 0
          ? ""
          : new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
      ticks.add(new Tick(value, label));
    }
    return ticks;
  }

  private static double power(int exponent) {
    return StrictMath.pow(10, exponent);
  }

  private static String powerLabel(int exponent) {
    if (exponent == 0 || exponent == 1) {
      return exponent == 0 ? "1" : "10";
    }
    StringBuilder label = new StringBuilder("10");
    if (exponent < 0) {
      label.append('⁻');
    }
    for (char digit : Integer.toString(Math.abs(exponent)).toCharArray()) {
      label.append(SUPERSCRIPTS.charAt(digit - '0'));
    }
    return label.toString();
  }
}
