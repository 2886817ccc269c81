package dev.muster.value;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
