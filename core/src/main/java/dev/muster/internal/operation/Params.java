package dev.muster.internal.operation;

import dev.muster.value.JsonValues;
import dev.muster.workflow.Variables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads parameters; every message names the parameter. Collects what is wrong with several. Not thread-safe. */
final class Params {
  private final Map<String, @Nullable Object> left;
  private final List<IllegalArgumentException> wrong = new ArrayList<>();

  Params(Map<String, @Nullable Object> params) {
    this.left = new LinkedHashMap<>(params);
  }

  /** Several parameters are wrong, each for a reason of its own. */
  static final class Wrong extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final List<IllegalArgumentException> all;

    private Wrong(List<IllegalArgumentException> all) {
      super(String.join(
          "\n", all.stream().map(each -> String.valueOf(each.getMessage())).toList()));
      this.all = List.copyOf(all);
    }

    /** Returns what is wrong, one exception for each. */
    List<IllegalArgumentException> all() {
      return all;
    }
  }

  /** Reads something; what is wrong with it is kept for {@link #throwIfWrong}, and null returned. */
  <T> @Nullable T attempt(Supplier<@Nullable T> reader) {
    try {
      return reader.get();
    } catch (IllegalArgumentException e) {
      wrong.add(e);
      return null;
    }
  }

  /** Keeps what is wrong with something for {@link #throwIfWrong}. */
  void wrong(IllegalArgumentException error) {
    wrong.add(error);
  }

  /** Tells whether something is wrong already. */
  boolean isWrong() {
    return !wrong.isEmpty();
  }

  /**
   * Throws if something was wrong.
   *
   * @throws IllegalArgumentException the only one, or a {@link Wrong} of all
   */
  void throwIfWrong() {
    if (wrong.size() == 1) {
      throw wrong.get(0);
    }
    if (!wrong.isEmpty()) {
      throw new Wrong(wrong);
    }
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
   * Takes a mapping of texts, empty if it is absent. What is wrong with some of them is kept for {@link #throwIfWrong}.
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
      String text = attempt(() -> item == null ? "" : scalar(name + "." + key, item));
      if (text == null) {
        return;
      }
      if (name.equals("variables")) {
        attempt(() -> checked(String.valueOf(key), text));
      }
      texts.put(String.valueOf(key), text);
    });
    return texts;
  }

  private static Variables checked(String name, String value) {
    try {
      return new Variables.Values(Map.of(name, value));
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
