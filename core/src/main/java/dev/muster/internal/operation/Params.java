package dev.muster.internal.operation;

import dev.muster.value.JsonValues;
import dev.muster.workflow.Variables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads parameters; every message names the parameter. Not thread-safe. */
final class Params {
  private final Map<String, @Nullable Object> left;

  Params(Map<String, @Nullable Object> params) {
    this.left = new LinkedHashMap<>(params);
  }

  /** Takes a parameter that may be anything, or null. */
  @Nullable
  Object take(String name) {
    return left.remove(name);
  }

  /**
   * Takes a text, or null if it is absent.
   *
   * @throws IllegalArgumentException if it is something else
   */
  @Nullable
  String text(String name) {
    Object value = left.remove(name);
    return value == null ? null : scalar(name, value);
  }

  /**
   * Takes a list, empty if it is absent.
   *
   * @throws IllegalArgumentException if it is something else
   */
  List<@Nullable Object> list(String name) {
    Object value = left.remove(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> items)) {
      throw wrong(name, "a list", value);
    }
    return new ArrayList<>(items);
  }

  /**
   * Takes a mapping of texts, empty if it is absent.
   *
   * @throws IllegalArgumentException if it is something else
   */
  Map<String, String> texts(String name) {
    Object value = left.remove(name);
    Map<String, String> texts = new LinkedHashMap<>();
    if (value == null) {
      return texts;
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong(name, "a mapping", value);
    }
    map.forEach((key, item) -> {
      String text = item == null ? "" : scalar(name + "." + key, item);
      if (name.equals("variables")) {
        checkVariable(String.valueOf(key), text);
      }
      texts.put(String.valueOf(key), text);
    });
    return texts;
  }

  private static void checkVariable(String name, String value) {
    try {
      Variables unused = new Variables.Values(Map.of(name, value));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the parameter 'variables': " + e.getMessage(), e);
    }
  }

  /** Returns the parameters that were not taken. */
  Map<String, @Nullable Object> rest() {
    return JsonValues.copyOf(left);
  }

  /** Returns a single value as text. */
  static String scalar(String name, @Nullable Object value) {
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw wrong(name, "text", value);
  }

  /** Returns what to throw for a parameter that is not what it should be. */
  static IllegalArgumentException wrong(String name, String expected, @Nullable Object value) {
    return new IllegalArgumentException("the parameter '" + name + "' must be " + expected
        + ", got " + (name.startsWith("variables") ? type(value) : kind(value)));
  }

  // What is given as a variable may be a secret.
  private static String type(@Nullable Object value) {
    return value instanceof String || value instanceof Number || value instanceof Boolean
        ? "a single value"
        : kind(value);
  }

  private static String kind(@Nullable Object value) {
    if (value == null) {
      return "nothing";
    }
    if (value instanceof Map) {
      return "a mapping";
    }
    if (value instanceof List) {
      return "a list";
    }
    return "'" + value + "'";
  }
}
