package dev.muster.plan;

import dev.muster.error.Visible;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree of maps, lists, texts, numbers, booleans and nulls as JSON or YAML. What fits on a line stands on a
 * line. Items of a list are asked for one after the other and not kept, and what is written leaves in pieces of whole
 * lines, so that a list may be longer than memory holds. Not thread-safe.
 */
final class TreeText {
  private static final int LINE = 96;

  /** A size such as {@code 16GB}, which starts with a digit and is no number. */
  private static final Pattern SIZE = Pattern.compile("[0-9]+[KMGTP]?i?B");

  private static final Set<String> NO_TEXT =
      Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n");
  private static final int LONGEST_NO_TEXT = 5;

  private static final int PIECE = 1 << 14;
  private static final int DEEP = 16;
  private static final String[] INDENTS = new String[DEEP];

  static {
    Arrays.setAll(INDENTS, depth -> " ".repeat(2 * depth));
  }

  private final StringBuilder text = new StringBuilder(2 * PIECE);
  private final boolean yaml;
  private final Appendable out;

  private TreeText(boolean yaml, Appendable out) {
    this.yaml = yaml;
    this.out = out;
  }

  static void json(Map<String, @Nullable Object> tree, Appendable out) throws IOException {
    TreeText writer = new TreeText(false, out);
    writer.jsonMap(tree, 0);
    writer.text.append('\n');
    writer.drain(1);
  }

  static void yaml(Map<String, @Nullable Object> tree, Appendable out) throws IOException {
    TreeText writer = new TreeText(true, out);
    writer.yamlMap(tree, 0);
    writer.drain(1);
  }

  /** Gives away what was written, whole lines, if there is so much of it. */
  private void drain(int least) throws IOException {
    if (text.length() >= least) {
      out.append(text);
      text.setLength(0);
    }
  }

  private void indent(int columns) {
    text.append(columns < 2 * DEEP ? INDENTS[columns / 2] : " ".repeat(columns));
  }

  // JSON over several lines

  private void json(@Nullable Object value, int indent, int used) throws IOException {
    if (inline(value, indent + used)) {
      return;
    }
    if (value instanceof Map<?, ?> map) {
      jsonMap(map, indent);
    } else {
      jsonList((List<?>) Objects.requireNonNull(value), indent);
    }
  }

  private void jsonMap(Map<?, ?> map, int indent) throws IOException {
    text.append("{");
    String separator = "\n";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      text.append(separator);
      drain(PIECE);
      indent(indent + 2);
      String key = scalar(entry.getKey());
      text.append(key).append(": ");
      json(entry.getValue(), indent + 2, key.length() + 2);
      separator = ",\n";
    }
    text.append('\n');
    indent(indent);
    text.append('}');
  }

  private void jsonList(List<?> list, int indent) throws IOException {
    text.append("[");
    String separator = "\n";
    for (Object item : list) {
      text.append(separator);
      drain(PIECE);
      indent(indent + 2);
      json(item, indent + 2, 0);
      separator = ",\n";
    }
    text.append('\n');
    indent(indent);
    text.append(']');
  }

  // YAML over several lines

  private void yamlMap(Map<?, ?> map, int indent) throws IOException {
    Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<?, ?> entry = entries.next();
      String key = scalar(entry.getKey());
      text.append(key).append(": ");
      Object value = entry.getValue();
      if (inline(value, indent + key.length() + 2)) {
        text.append('\n');
      } else {
        text.setCharAt(text.length() - 1, '\n');
        if (value instanceof Map<?, ?> nested) {
          indent(indent + 2);
          yamlMap(nested, indent + 2);
        } else {
          yamlList((List<?>) Objects.requireNonNull(value), indent + 2);
        }
      }
      drain(PIECE);
      if (entries.hasNext()) {
        indent(indent);
      }
    }
  }

  private void yamlList(List<?> list, int indent) throws IOException {
    for (Object item : list) {
      indent(indent);
      text.append("- ");
      if (inline(item, indent + 2)) {
        text.append('\n');
      } else if (item instanceof Map<?, ?> map) {
        yamlMap(map, indent + 2);
      } else {
        text.append('\n');
        yamlList((List<?>) Objects.requireNonNull(item), indent + 2);
      }
      drain(PIECE);
    }
  }

  // On one line

  /** Writes a value on the rest of a line, if it fits there; texts and numbers always do. */
  private boolean inline(@Nullable Object value, int used) {
    boolean single = !(value instanceof Map<?, ?> || value instanceof List<?>);
    int start = text.length();
    if (tryInline(value, single ? Integer.MAX_VALUE : start + LINE - used)) {
      return true;
    }
    text.setLength(start);
    return false;
  }

  /** Writes a value on one line, but gives up where the text grows beyond a limit. */
  private boolean tryInline(@Nullable Object value, int limit) {
    if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        text.append(separator).append(scalar(entry.getKey())).append(": ");
        if (!tryInline(entry.getValue(), limit)) {
          return false;
        }
        separator = ", ";
      }
      text.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      String separator = "[";
      for (Object item : list) {
        text.append(separator);
        if (!tryInline(item, limit)) {
          return false;
        }
        separator = ", ";
      }
      text.append(list.isEmpty() ? "[]" : "]");
    } else {
      text.append(scalar(value));
    }
    return text.length() <= limit;
  }

  private String scalar(@Nullable Object value) {
    if (!(value instanceof String string)) {
      return String.valueOf(value);
    }
    return yaml && isPlain(string) ? string : quoted(string);
  }

  /** Tells whether YAML reads this as the same text without quotes, wherever it stands. */
  private static boolean isPlain(String string) {
    int length = string.length();
    if (length == 0) {
      return false;
    }
    char first = string.charAt(0);
    if (!isLetter(first) && first != '/') {
      return isDigit(first) && SIZE.matcher(string).matches();
    }
    for (int i = 1; i < length; i++) {
      char each = string.charAt(i);
      if (!isLetter(each) && !isDigit(each) && "./()+-".indexOf(each) < 0) {
        if (each != ' ' || i == length - 1) {
          return false;
        }
      }
    }
    return length > LONGEST_NO_TEXT || !NO_TEXT.contains(string.toLowerCase(Locale.ROOT));
  }

  private static boolean isLetter(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || each == '_';
  }

  private static boolean isDigit(char each) {
    return each >= '0' && each <= '9';
  }

  /** Returns a text in quotes, in the form that JSON or YAML reads. */
  private String quoted(String string) {
    StringBuilder quoted = new StringBuilder(string.length() + 2).append('"');
    string.codePoints().forEach(point -> {
      if (point == '"' || point == '\\') {
        quoted.append('\\').append((char) point);
      } else if (point == '\n') {
        quoted.append("\\n");
      } else if (point == '\t') {
        quoted.append("\\t");
      } else if (isLoneSurrogate(point)) {
        quoted.append("\\ufffd");
      } else if (point <= 0xffff && !isPrintable(point)) {
        quoted.append(String.format(Locale.ROOT, "\\u%04x", point));
      } else if (Visible.isHidden(point)) {
        quoted.append(
            yaml
                ? String.format(Locale.ROOT, "\\U%08x", point)
                : Visible.line(Character.toString(point)));
      } else {
        quoted.appendCodePoint(point);
      }
    });
    return quoted.append('"').toString();
  }

  private static boolean isLoneSurrogate(int point) {
    return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.UNASSIGNED -> false;
      default -> !Visible.isHidden(point);
    };
  }
}
