package dev.muster.plan;

import dev.muster.error.Visible;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree of maps, lists, texts, numbers, booleans and nulls as JSON or YAML. What fits on a line stands on a
 * line.
 */
final class TreeText {
  private static final int LINE = 96;

  /** What YAML reads as the same text without quotes, wherever it stands. */
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z_/](?:[A-Za-z0-9_./()+ -]*[A-Za-z0-9_./()+-])?");

  /** A size such as {@code 16GB}, which starts with a digit and is no number. */
  private static final Pattern SIZE = Pattern.compile("[0-9]+[KMGTP]?i?B");

  private static final Set<String> NO_TEXT =
      Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n");

  private final StringBuilder text = new StringBuilder();
  private final boolean yaml;

  private TreeText(boolean yaml) {
    this.yaml = yaml;
  }

  static String json(Map<String, @Nullable Object> tree) {
    TreeText writer = new TreeText(false);
    writer.jsonMap(tree, 0);
    return writer.text.append('\n').toString();
  }

  static String yaml(Map<String, @Nullable Object> tree) {
    TreeText writer = new TreeText(true);
    writer.yamlMap(tree, 0);
    return writer.text.toString();
  }

  // JSON over several lines

  private void json(@Nullable Object value, int indent, int used) {
    if (fits(value, indent + used)) {
      inline(value);
    } else if (value instanceof Map<?, ?> map) {
      jsonMap(map, indent);
    } else if (value instanceof List<?> list) {
      jsonList(list, indent);
    } else {
      inline(value);
    }
  }

  private void jsonMap(Map<?, ?> map, int indent) {
    text.append("{");
    String separator = "\n";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      text.append(separator).append(" ".repeat(indent + 2));
      String key = scalar(entry.getKey());
      text.append(key).append(": ");
      json(entry.getValue(), indent + 2, key.length() + 2);
      separator = ",\n";
    }
    text.append('\n').append(" ".repeat(indent)).append('}');
  }

  private void jsonList(List<?> list, int indent) {
    text.append("[");
    String separator = "\n";
    for (Object item : list) {
      text.append(separator).append(" ".repeat(indent + 2));
      json(item, indent + 2, 0);
      separator = ",\n";
    }
    text.append('\n').append(" ".repeat(indent)).append(']');
  }

  // YAML over several lines

  private void yamlMap(Map<?, ?> map, int indent) {
    Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<?, ?> entry = entries.next();
      String key = scalar(entry.getKey());
      text.append(key).append(':');
      Object value = entry.getValue();
      if (fits(value, indent + key.length() + 2)) {
        text.append(' ');
        inline(value);
        text.append('\n');
      } else if (value instanceof Map<?, ?> nested) {
        text.append('\n').append(" ".repeat(indent + 2));
        yamlMap(nested, indent + 2);
      } else {
        text.append('\n');
        yamlList((List<?>) value, indent + 2);
      }
      if (entries.hasNext()) {
        text.append(" ".repeat(indent));
      }
    }
  }

  private void yamlList(List<?> list, int indent) {
    for (Object item : list) {
      text.append(" ".repeat(indent)).append("- ");
      if (fits(item, indent + 2)) {
        inline(item);
        text.append('\n');
      } else if (item instanceof Map<?, ?> map) {
        yamlMap(map, indent + 2);
      } else {
        text.append('\n');
        yamlList((List<?>) item, indent + 2);
      }
    }
  }

  // On one line

  /** Tells whether a value stands on the rest of a line; texts and numbers always do. */
  private boolean fits(@Nullable Object value, int used) {
    if (!(value instanceof Map<?, ?> || value instanceof List<?>)) {
      return true;
    }
    int start = text.length();
    boolean fits = tryInline(value, start + LINE - used);
    text.setLength(start);
    return fits;
  }

  private void inline(@Nullable Object value) {
    tryInline(value, Integer.MAX_VALUE);
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
    boolean plain = yaml
        && (PLAIN.matcher(string).matches() || SIZE.matcher(string).matches())
        && !NO_TEXT.contains(string.toLowerCase(Locale.ROOT));
    return plain ? string : quoted(string);
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
