package dev.muster.internal.yaml;

import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Writes plain values as readable YAML: blocks, with short lists and mappings on one line. Not thread-safe. */
final class YamlWriter {
  private static final int SHORT = 72;
  private static final int FEW = 4;

  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  /**
   * Writes a mapping as a document.
   *
   * @throws IllegalArgumentException if a value is none of YAML's
   */
  static String write(Map<String, ?> document) {
    YamlWriter writer = new YamlWriter();
    if (document.isEmpty()) {
      return "{}\n";
    }
    writer.map(document, 0, "");
    return writer.out.toString();
  }

  private void map(Map<?, ?> map, int indent, String path) {
    boolean first = true;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!first || indent == 0) {
        out.append(" ".repeat(indent));
      }
      first = false;
      String key = key(entry.getKey(), path);
      if (key.length() > ScalarWriter.LONGEST_KEY) { // one that a colon may follow is short
        out.append("? ").append(key).append('\n').append(" ".repeat(indent)).append(':');
      } else {
        out.append(key).append(':');
      }
      value(entry.getValue(), indent, path.isEmpty() ? key : path + "." + key);
    }
  }

  private static String key(@Nullable Object key, String path) {
    if (!(key instanceof String text)) {
      throw new IllegalArgumentException("the key " + key + " of " + path + " is not text");
    }
    return ScalarWriter.text(text, true);
  }

  private void value(@Nullable Object value, int indent, String path) {
    String flow = flow(value, path);
    if (flow != null) {
      out.append(' ').append(flow).append('\n');
    } else if (value instanceof Map<?, ?> map) {
      out.append('\n').append(" ".repeat(indent + 2));
      map(map, indent + 2, path);
    } else if (value instanceof List<?> list) {
      out.append('\n');
      list(list, indent + 2, path);
    } else {
      out.append(' ');
      scalar(value, indent + 2, path);
    }
  }

  private void list(List<?> list, int indent, String path) {
    for (int i = 0; i < list.size(); i++) {
      String at = path + "[" + i + "]";
      Object item = list.get(i);
      out.append(" ".repeat(indent)).append('-');
      if (item instanceof Map<?, ?> map && !map.isEmpty()) {
        out.append(' ');
        map(map, indent + 2, at);
      } else {
        value(item, indent, at);
      }
    }
  }

  private void scalar(@Nullable Object value, int indent, String path) {
    String style = value instanceof String text ? ScalarWriter.literal(text) : null;
    if (style == null) {
      out.append(single(value, false, path)).append('\n');
      return;
    }
    String text = String.valueOf(value);
    out.append(style).append('\n');
    String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    for (String line : body.split("\n", -1)) {
      out.append(line.isEmpty() ? "" : " ".repeat(indent)).append(line).append('\n');
    }
  }

  private static String single(@Nullable Object value, boolean inFlow, String path) {
    String text = ScalarWriter.write(value, inFlow);
    if (text == null) {
      throw new IllegalArgumentException(path + " is a "
          + (value == null ? "null" : value.getClass().getName()) + ", which YAML cannot express");
    }
    return text;
  }

  /** The value on one line, if it is a short collection of single values; else null. */
  private static @Nullable String flow(@Nullable Object value, String path) {
    if (value instanceof List<?> list) {
      if (list.stream().anyMatch(YamlWriter::nested)) {
        return null;
      }
      String text = anyFlow(list, path);
      return text.length() <= SHORT || list.isEmpty() ? text : null;
    }
    if (value instanceof Map<?, ?> map) {
      if (map.size() > FEW || map.values().stream().anyMatch(YamlWriter::nested)) {
        return null;
      }
      String text = anyFlow(map, path);
      return text.length() <= SHORT || map.isEmpty() ? text : null;
    }
    return null;
  }

  private static boolean nested(@Nullable Object value) {
    return value instanceof Map<?, ?> || value instanceof List<?>;
  }

  private static String anyFlow(@Nullable Object value, String path) {
    if (value instanceof List<?> list) {
      StringJoiner items = new StringJoiner(", ", "[", "]");
      for (Object item : list) {
        items.add(anyFlow(item, path));
      }
      return items.toString();
    }
    if (value instanceof Map<?, ?> map) {
      StringJoiner entries = new StringJoiner(", ", "{", "}");
      map.forEach(
          (key, item) -> entries.add(key(key, path) + ": " + anyFlow(item, path + "." + key)));
      return entries.toString();
    }
    return single(value, true, path);
  }
}
