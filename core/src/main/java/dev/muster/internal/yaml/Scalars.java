package dev.muster.internal.yaml;

import dev.muster.internal.yaml.ScalarNode.Kind;
import java.math.BigInteger;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What unquoted text stands for: the core schema of YAML 1.2, less one trap. A number with leading zeros ({@code 0777})
 * stays text: it was octal in YAML 1.1 and is decimal in 1.2, and a file mode or a run number is neither.
 *
 * <p>So {@code yes}, {@code on}, {@code 04:00:00}, {@code 1_000} and {@code 4GB} are text; {@code True}, {@code ~} and
 * {@code 0o17} are not.
 */
final class Scalars {
  private static final int LONGEST_NUMBER = 400;

  private Scalars() {}

  /** Resolves unquoted text. */
  static Kind resolve(String text) {
    if (text.isEmpty()) {
      return Kind.NULL;
    }
    char first = text.charAt(0);
    if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
      return number(text);
    }
    switch (first) {
      case '~' -> {
        return text.length() == 1 ? Kind.NULL : Kind.TEXT;
      }
      case 'n', 'N' -> {
        return text.equals("null") || text.equals("Null") || text.equals("NULL")
            ? Kind.NULL
            : Kind.TEXT;
      }
      case 't', 'T', 'f', 'F' -> {
        return bool(text) == null ? Kind.TEXT : Kind.BOOLEAN;
      }
      default -> {
        return Kind.TEXT;
      }
    }
  }

  /** Reads a boolean; null if the text is none. */
  static @Nullable Boolean bool(String text) {
    return switch (text) {
      case "true", "True", "TRUE" -> Boolean.TRUE;
      case "false", "False", "FALSE" -> Boolean.FALSE;
      default -> null;
    };
  }

  /** Reads a whole number: Integer if it fits, else Long, else BigInteger. */
  static Number integer(String text) {
    BigInteger value;
    if (text.startsWith("0x")) {
      value = new BigInteger(text.substring(2), 16);
    } else if (text.startsWith("0o")) {
      value = new BigInteger(text.substring(2), 8);
    } else if (text.length() <= 18) {
      long small = Long.parseLong(text);
      return narrow(small);
    } else {
      value = new BigInteger(text);
    }
    return value.bitLength() < 64 ? narrow(value.longValue()) : value;
  }

  private static Number narrow(long value) {
    if (value == (int) value) {
      return (int) value;
    }
    return value;
  }

  /** Reads a number with a fraction or an exponent, or one of {@code .inf} and {@code .nan}. */
  static double fraction(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
      case "-.inf" -> Double.NEGATIVE_INFINITY;
      case ".nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private static Kind number(String text) {
    int length = text.length();
    if (length > LONGEST_NUMBER) {
      return Kind.TEXT;
    }
    int at = 0;
    boolean signed = text.charAt(0) == '-' || text.charAt(0) == '+';
    if (signed) {
      at++;
    } else if (length > 2 && text.charAt(0) == '0') {
      char base = text.charAt(1);
      if (base == 'x' || base == 'o') {
        return digits(text, 2, base == 'x' ? 16 : 8) == length ? Kind.INTEGER : Kind.TEXT;
      }
    }
    int whole = at;
    at = digits(text, at, 10);
    int wholeDigits = at - whole;
    if (wholeDigits > 1 && text.charAt(whole) == '0') {
      return Kind.TEXT;
    }
    if (at == length) {
      return wholeDigits > 0 ? Kind.INTEGER : Kind.TEXT;
    }
    int fractionDigits = 0;
    if (text.charAt(at) == '.') {
      int fraction = at + 1;
      at = digits(text, fraction, 10);
      fractionDigits = at - fraction;
      if (wholeDigits == 0 && fractionDigits == 0) {
        return special(text, signed);
      }
    }
    if (wholeDigits + fractionDigits == 0) {
      return Kind.TEXT;
    }
    if (at < length && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      at++;
      if (at < length && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
        at++;
      }
      int exponent = at;
      at = digits(text, at, 10);
      if (at == exponent) {
        return Kind.TEXT;
      }
    }
    return at == length ? Kind.FLOAT : Kind.TEXT;
  }

  private static Kind special(String text, boolean signed) {
    String rest = signed ? text.substring(1) : text;
    return switch (rest) {
      case ".inf", ".Inf", ".INF" -> Kind.FLOAT;
      case ".nan", ".NaN", ".NAN" -> signed ? Kind.TEXT : Kind.FLOAT;
      default -> Kind.TEXT;
    };
  }

  private static int digits(String text, int from, int radix) {
    int at = from;
    while (at < text.length()
        && text.charAt(at) < 128
        && Character.digit(text.charAt(at), radix) >= 0) {
      at++;
    }
    return at;
  }
}
