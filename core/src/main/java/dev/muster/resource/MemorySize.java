package dev.muster.resource;

import com.google.errorprone.annotations.CheckReturnValue;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An amount of memory or disk space, in bytes.
 *
 * <p>Text forms: {@code 4GB} is 4·10<sup>9</sup> bytes, {@code 8Gi} and {@code 8GiB} are 8·2<sup>30</sup> bytes, a bare
 * number is bytes. Units are not case-sensitive; fractions ({@code 1.5GB}) are allowed where they come to whole bytes.
 *
 * <p>Immutable and thread-safe.
 *
 * @param bytes the amount in bytes, zero or more
 * @since 0.1
 */
@CheckReturnValue
public record MemorySize(long bytes) implements Comparable<MemorySize> {
  private static final Pattern TEXT = Pattern.compile(
      "(\\d{1,19}(?:\\.\\d{1,9})?)\\s*([kmgtp]?)(i?)(b?)", Pattern.CASE_INSENSITIVE);
  private static final String PREFIXES = "kmgtp";
  private static final long FEW_BYTES = 1 << 20;

  public MemorySize {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "a memory size cannot be negative, got " + bytes + " bytes");
    }
  }

  /** Returns the size of {@code bytes} bytes. */
  public static MemorySize ofBytes(long bytes) {
    return new MemorySize(bytes);
  }

  /**
   * Returns what was probably meant by a text that is a number of bytes without a unit, too few to be right: {@code
   * 4000MB} for {@code 4000}; null for any other text.
   */
  public static @Nullable String probablyMeant(String text) {
    String number = text.strip();
    if (!number.matches("[0-9.]+")) {
      return null;
    }
    long bytes = parse(number).bytes();
    return bytes == 0 || bytes >= FEW_BYTES ? null : number + (bytes < 64 ? "GB" : "MB");
  }

  /**
   * Reads a size such as {@code 4GB}, {@code 8Gi}, {@code 512MiB} or {@code 1000}.
   *
   * @throws IllegalArgumentException if the text is not a size, is not a whole number of bytes, or exceeds 2^63 bytes
   */
  public static MemorySize parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches() || (matcher.group(2).isEmpty() && !matcher.group(3).isEmpty())) {
      throw new IllegalArgumentException(
          Shown.quoted(text)
              + " is not a memory size; write for example 4GB (4*10^9 bytes), 8Gi (8*2^30) or a number of bytes");
    }
    BigDecimal number = new BigDecimal(matcher.group(1));
    String prefix = matcher.group(2).toLowerCase(Locale.ROOT);
    if (!prefix.isEmpty()) {
      int power = PREFIXES.indexOf(prefix) + 1;
      number = number.multiply(
          BigDecimal.valueOf(matcher.group(3).isEmpty() ? 1000 : 1024).pow(power));
    }
    try {
      return new MemorySize(number.longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          Shown.quoted(text) + " is not a whole number of bytes below 2^63", e);
    }
  }

  @Override
  public int compareTo(MemorySize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** Returns the shortest exact text form, for example {@code 4GB}, {@code 8GiB} or {@code 1001B}; it parses back. */
  @Override
  public String toString() {
    if (bytes == 0) {
      return "0B";
    }
    String decimal = exact(1000, "");
    String binary = exact(1024, "i");
    return binary.length() < decimal.length() ? binary : decimal;
  }

  private String exact(int base, String infix) {
    long value = bytes;
    int power = 0;
    while (power < PREFIXES.length() && value % base == 0) {
      value /= base;
      power++;
    }
    return power == 0
        ? value + "B"
        : value + PREFIXES.substring(power - 1, power).toUpperCase(Locale.ROOT) + infix + "B";
  }

  // Written out: what Java makes for a record is put together at run time, for milliseconds.
  @Override
  public int hashCode() {
    return Long.hashCode(bytes);
  }
}
