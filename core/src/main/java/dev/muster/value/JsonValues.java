package dev.muster.value;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;

/**
 * JSON-like values: null, Boolean, String, Number, List and Map with String keys, nested.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class JsonValues {
  private JsonValues() {}

  /**
   * Returns the value that a JSON text holds. Every object is a map, whatever its keys: nothing in it becomes a file or
   * bytes, as in {@link ValueEncoding}. {@code NaN} and {@code Infinity} are taken.
   *
   * @param text UTF-8 bytes
   * @throws ValueException if it is not exactly one JSON value, has a key twice, or is not certain or beyond the limits
   * of {@link ValueEncoding}
   */
  public static @Nullable Object parse(byte[] text) {
    return ValueEncoding.read(
        () -> ValueEncoding.JSON.createParser(ObjectReadContext.empty(), text), false);
  }

  /**
   * Returns a value as JSON for programs that know nothing of Muster: files are their paths, and keys stay as they are.
   *
   * @param what the value in words, for messages; a path is appended to it, as in {@code output.a[3]}
   * @throws ValueException if JSON cannot hold it, as bytes; says which part of it and why
   */
  public static String text(@Nullable Object value, String what) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json =
        ValueEncoding.JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      ValueWriter.plain(json).write(value, what);
    }
    return text.toString();
  }

  /**
   * Returns a deeply unmodifiable copy of a mapping, in its order. Values that are not JSON-like are kept as they are:
   * Java callers may pass any object to an operation that runs in their own JVM.
   *
   * @throws IllegalArgumentException if a nested mapping has a key that is not a string
   */
  public static Map<String, @Nullable Object> copyOf(Map<String, ? extends @Nullable Object> map) {
    if (map.isEmpty()) {
      return Map.of();
    }
    Map<String, @Nullable Object> copy = new LinkedHashMap<>(map.size() * 2);
    map.forEach((key, value) -> copy.put(key, copyOf(value)));
    return Collections.unmodifiableMap(copy);
  }

  /** Returns a deeply unmodifiable copy of one value. */
  public static @Nullable Object copyOf(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> copy = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String key)) {
          throw new IllegalArgumentException(
              "a mapping key must be a string, got " + entry.getKey());
        }
        copy.put(key, copyOf(entry.getValue()));
      }
      return Collections.unmodifiableMap(copy);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>(list.size());
      for (Object item : list) {
        copy.add(copyOf(item));
      }
      return Collections.unmodifiableList(copy);
    }
    return value;
  }
}
