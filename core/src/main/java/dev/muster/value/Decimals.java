package dev.muster.value;

import java.math.BigDecimal;
import java.math.MathContext;
import tools.jackson.core.io.NumberOutput;

/** Numbers as Python writes them, so that a command sees the same text wherever it runs. */
final class Decimals {
  private Decimals() {}

  static String text(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    // The fast form has the fewest digits that tell a number from others; Double.toString of Java
    // 17 sometimes has more.
    BigDecimal shortest =
        new BigDecimal(NumberOutput.toString(Math.abs(value), true)).stripTrailingZeros();
    if (shortest.precision() == 2) { // Java writes at least two digits, where one may do
      BigDecimal one = shortest.round(new MathContext(1));
      shortest = one.doubleValue() == Math.abs(value) ? one.stripTrailingZeros() : shortest;
    }
    String digits = shortest.unscaledValue().toString();
    int point = digits.length() - shortest.scale(); // digits before the point
    String sign = value < 0 ? "-" : "";
    if (point > 16 || point < -3) {
      int exponent = point - 1;
      String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
      return sign
          + digits.charAt(0)
          + (digits.length() > 1 ? "." + digits.substring(1) : "")
          + (exponent < 0 ? "e-" : "e+")
          + power;
    }
    if (point <= 0) {
      return sign + "0." + "0".repeat(-point) + digits;
    }
    return digits.length() <= point
        ? sign + digits + "0".repeat(point - digits.length()) + ".0"
        : sign + digits.substring(0, point) + "." + digits.substring(point);
  }
}
