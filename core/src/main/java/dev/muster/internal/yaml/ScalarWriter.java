package dev.muster.internal.yaml;

import dev.muster.error.Visible;
import dev.muster.internal.yaml.ScalarNode.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes single values so that they read back the same, here and with parsers of YAML 1.1. */
final class ScalarWriter {
  static final int LONGEST_KEY = 500;
  private static final int CHUNK = 10_000;
  private static final Set<String> OLD_BOOLEANS = Set.of("yes", "no", "on", "off", "y", "n");
  private static final Pattern OLD_NUMBER = Pattern.compile("[0-9.][0-9_:.,eE+T Z-]*");
  private static final String FIRST = "_./$(";
  private static final String LATER = " _-./+*@%=()<>^$~|&;!?'\"#,:[]{}\\`";
  private static final String FLOW = ",[]{}:#";

  private ScalarWriter() {}

  /** Writes a value that is neither a list nor a mapping; null if it is no value of YAML. */
  static @Nullable String write(@Nullable Object value, boolean inFlow) {
    if (value == null) {
      return "null";
    }
    if (value instanceof String text) {
      return text(text, inFlow);
    }
    if (value instanceof Double || value instanceof Float) {
      return fraction((Number) value);
    }
    if (value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte
        || value instanceof BigInteger
        || value instanceof BigDecimal) {
      return value.toString();
    }
    return null;
  }

  private static String fraction(Number value) {
    double number = value.doubleValue();
    if (Double.isNaN(number)) {
      return ".nan";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? ".inf" : "-.inf";
    }
    return value.toString();
  }

  static String text(String text, boolean inFlow) {
    return plain(text, inFlow) ? text : quoted(text);
  }

  private static boolean plain(String text, boolean inFlow) {
    if (text.isEmpty()
        || text.length() > CHUNK
        || Scalars.resolve(text) != Kind.TEXT
        || OLD_BOOLEANS.contains(text.toLowerCase(Locale.ROOT))
        || OLD_NUMBER.matcher(text).matches()
        || text.startsWith("...")
        || text.endsWith(" ")
        || text.endsWith(":")
        || text.contains(": ")
        || text.contains(" #")) {
      return false;
    }
    char first = text.charAt(0);
    if (!Character.isLetterOrDigit(first) && FIRST.indexOf(first) < 0) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((!Character.isLetterOrDigit(c) && LATER.indexOf(c) < 0)
          || (inFlow && FLOW.indexOf(c) >= 0)) {
        return false;
      }
    }
    return true;
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    int written = 0;
    int index = 0;
    while (index < text.length()) {
      int code = text.codePointAt(index);
      index += Character.charCount(code);
      if (++written % CHUNK == 0) {
        out.append("\\\n  ");
        if (code == ' ') {
          out.append('\\');
        }
      }
      switch (code) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (printable(code)) {
            out.appendCodePoint(code);
          } else {
            out.append(String.format(code > 0xFFFF ? "\\U%08X" : "\\u%04X", code));
          }
        }
      }
    }
    return out.append('"').toString();
  }

  private static boolean printable(int code) {
    return !Visible.isHidden(code);
  }

  /** The lines of a text as a literal block, {@code |}, without their indentation; null if it cannot be one. */
  static @Nullable String literal(String text) {
    if (text.indexOf('\n') < 0) {
      return null;
    }
    String[] lines = text.split("\n", -1);
    if (lines[0].isEmpty() || lines[0].startsWith(" ")) {
      return null;
    }
    for (String line : lines) {
      if (line.length() > CHUNK
          || (!line.isEmpty() && line.isBlank())
          || !line.codePoints().allMatch(ScalarWriter::printable)) {
        return null;
      }
    }
    if (!text.endsWith("\n")) {
      return "|-";
    }
    return text.endsWith("\n\n") ? "|+" : "|";
  }
}
