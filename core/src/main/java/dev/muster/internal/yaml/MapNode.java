package dev.muster.internal.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A mapping from text to values, in the order of the document; each key knows its place. */
final class MapNode extends Node {
  /** A key, where it stands, and its value. */
  record Entry(String key, int line, int column, Node value) {
    /** The line of the value if that is a single one, else that of the key: where a reader would look. */
    int atLine() {
      return value instanceof ScalarNode ? value.line() : line;
    }

    int atColumn() {
      return value instanceof ScalarNode ? value.column() : column;
    }
  }

  private final Entry[] entries;
  private final int weight;
  private final int height;

  MapNode(int line, int column, List<Entry> entries) {
    super(line, column);
    this.entries = entries.toArray(Entry[]::new);
    int total = 1;
    int highest = 0;
    for (Entry entry : this.entries) {
      total += entry.value().weight();
      highest = Math.max(highest, entry.value().height());
    }
    weight = total;
    height = highest + 1;
  }

  int size() {
    return entries.length;
  }

  Entry entry(int index) {
    return entries[index];
  }

  /** The entry of that key, or null. A look-up walks the keys; callers ask for a few known ones. */
  @Nullable
  Entry find(String key) {
    for (Entry entry : entries) {
      if (entry.key().equals(key)) {
        return entry;
      }
    }
    return null;
  }

  @Override
  int weight() {
    return weight;
  }

  @Override
  int height() {
    return height;
  }

  @Override
  Map<String, @Nullable Object> toJava() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>(entries.length * 2);
    for (Entry entry : entries) {
      values.put(entry.key(), entry.value().toJava());
    }
    return values;
  }

  @Override
  String describe() {
    return entries.length == 0 ? "an empty mapping" : "a mapping";
  }
}
