package dev.muster.worker;

import dev.muster.value.JsonValues;
import dev.muster.value.ValueException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values as workers have them on disk: JSON text, or bytes as they are.
 *
 * <p>Bytes within a value are {@code {"__tkr_bytes__":true,"bytes":base64}}. A complex number is {@code
 * {"__tkr_complex__":[re,im]}}, in Java a map with that key. Source: Tierkreis 2.0 and 2.1. Thread-safe.
 *
 * @since 0.1
 */
public final class WorkerValues {
  private static final String MARK = "__tkr_bytes__";
  private static final String BYTES = "bytes";

  private WorkerValues() {}

  /**
   * Returns what the file of a value holds.
   *
   * @param value a JSON-like value, with {@code byte[]} anywhere in it
   * @param what the value in words, for messages
   * @throws ValueException if JSON cannot hold it
   */
  public static byte[] bytes(@Nullable Object value, String what) {
    if (value instanceof byte[] bytes) {
      return bytes.clone();
    }
    return JsonValues.text(marked(value), what).getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable Object marked(@Nullable Object value) {
    if (value instanceof byte[] bytes) {
      Map<String, Object> marked = new LinkedHashMap<>();
      marked.put(MARK, true);
      marked.put(BYTES, Base64.getEncoder().encodeToString(bytes));
      return marked;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> items = new ArrayList<>();
      list.forEach(item -> items.add(marked(item)));
      return items;
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> entries = new LinkedHashMap<>();
      map.forEach((key, item) -> entries.put(key, marked(item)));
      return entries;
    }
    return value;
  }

  /**
   * Returns the value that a file holds: that of its JSON text, or its bytes if it is none.
   *
   * @throws IOException if it cannot be read
   */
  public static @Nullable Object read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      return json(bytes);
    } catch (ValueException e) {
      return bytes;
    }
  }

  /**
   * Returns the value of a JSON text.
   *
   * @param bytes UTF-8 bytes
   * @throws ValueException if it is not exactly one JSON value
   */
  public static @Nullable Object json(byte[] bytes) {
    return unmarked(JsonValues.parse(bytes));
  }

  private static @Nullable Object unmarked(@Nullable Object value) {
    if (value instanceof List<?> list) {
      List<@Nullable Object> items = new ArrayList<>();
      list.forEach(item -> items.add(unmarked(item)));
      return Collections.unmodifiableList(items);
    }
    if (value instanceof Map<?, ?> map) {
      if (Boolean.TRUE.equals(map.get(MARK)) && map.get(BYTES) instanceof String text) {
        try {
          return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
          throw new ValueException(
              "a value marked " + MARK + " is no base64: " + e.getMessage(), e);
        }
      }
      Map<Object, @Nullable Object> entries = new LinkedHashMap<>();
      map.forEach((key, item) -> entries.put(key, unmarked(item)));
      return Collections.unmodifiableMap(entries);
    }
    return value;
  }
}
