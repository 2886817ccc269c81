package dev.muster.resource;

import dev.muster.value.JsonValues;
import java.io.File;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Options of backends and strategies as files have them, whatever Java gives.
 *
 * <p>A {@link Duration} becomes a text such as {@code 04:00:00}, a {@link MemorySize} one such as {@code 4GB}, a
 * constant of an enum its name in lower case, a path or address its text; collections and arrays become lists. Texts,
 * numbers, booleans and what only a backend of one's own can know stay what they are. Thread-safe.
 *
 * @since 0.1
 */
public final class Settings {
  private Settings() {}

  /**
   * Returns a deeply unmodifiable copy of options, in their order.
   *
   * @throws IllegalArgumentException if a span of time is negative or has a part of a millisecond, or a nested mapping
   * has a key that is not a string
   */
  public static Map<String, @Nullable Object> copyOf(
      Map<String, ? extends @Nullable Object> options) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    options.forEach((key, value) -> {
      try {
        copy.put(key, plain(value));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("option " + key + ": " + e.getMessage(), e);
      }
    });
    return JsonValues.copyOf(copy);
  }

  private static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof Duration span) {
      if (span.toNanosPart() % 1_000_000 != 0) {
        throw new IllegalArgumentException(
            "a span of time is a whole number of milliseconds, got " + span);
      }
      return Walltime.format(span);
    }
    if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
    if (value instanceof Object[] array) {
      return plain(Arrays.asList(array));
    }
    if (value instanceof Map<?, ?> map) {
      Map<@Nullable Object, @Nullable Object> entries = new LinkedHashMap<>();
      map.forEach((key, item) -> entries.put(key, plain(item)));
      return entries;
    }
    if (value instanceof Path path) { // a collection of its names, too
      return path.toString();
    }
    if (value instanceof Collection<?> items) {
      List<@Nullable Object> list = new ArrayList<>(items.size());
      items.forEach(item -> list.add(plain(item)));
      return list;
    }
    return isText(value) ? String.valueOf(value) : value;
  }

  private static boolean isText(@Nullable Object value) {
    return value instanceof MemorySize
        || value instanceof CharSequence
        || value instanceof File
        || value instanceof URI
        || value instanceof URL;
  }
}
