package dev.muster.workflow;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Suggestions;
import dev.muster.value.JsonValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The values of a workflow's parameters, and how its texts name them.
 *
 * <p>{@code {param.mass}} alone is the value with its type; within a longer text it is the value's text, which numbers,
 * texts and booleans have. {@code {param.cuts.pt}} is a part of a mapping. Immutable and thread-safe.
 *
 * @param values JSON-like values by name, in the author's order; none of their texts names a parameter
 * @since 0.1
 */
@CheckReturnValue
public record WorkflowParams(Map<String, @Nullable Object> values) {
  /** How a text names a parameter begins so. */
  private static final String START = "{param.";

  private static final Pattern PLACE = Pattern.compile("\\{param\\.([^{}\\s]+)}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");
  private static final WorkflowParams NONE = new WorkflowParams(Map.of());

  /**
   * Takes the values.
   *
   * @throws IllegalArgumentException if a name has other signs than letters, digits, {@code _} and {@code -} or begins
   *     with a digit or {@code -}, or a value has a text that names a parameter
   */
  public WorkflowParams {
    values.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "'" + name + "' is no name of a workflow parameter: they are made of"
                + " letters, digits, _ and -, and begin with a letter or _");
      }
      if (isNamedIn(value)) {
        throw new IllegalArgumentException("the value of the workflow parameter '" + name
            + "' names a parameter itself; write the value out");
      }
    });
    values = JsonValues.copyOf(values);
  }

  /** Returns no parameters. */
  public static WorkflowParams none() {
    return NONE;
  }

  /** Tells whether any text in a value looks as if it named a parameter. */
  public static boolean isNamedIn(@Nullable Object value) {
    if (value instanceof String text) {
      return text.contains(START);
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .anyMatch(each -> isNamedIn(each.getKey()) || isNamedIn(each.getValue()));
    }
    return value instanceof List<?> list && list.stream().anyMatch(WorkflowParams::isNamedIn);
  }

  /**
   * Returns a value with parameters in the place of all texts that name them, in lists and mappings too.
   *
   * @throws IllegalArgumentException if there is no such parameter, or its value has no text and stands within one
   */
  public @Nullable Object inPlace(@Nullable Object value) {
    if (value instanceof String text) {
      return text.contains(START) ? inText(text) : text;
    }
    if (!isNamedIn(value)) {
      return value;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> made = new ArrayList<>(list.size());
      list.forEach(item -> made.add(inPlace(item)));
      return made;
    }
    Map<String, @Nullable Object> made = new LinkedHashMap<>();
    ((Map<?, ?>) Objects.requireNonNull(value)).forEach((key, item) -> {
      if (isNamedIn(key)) {
        throw new IllegalArgumentException(
            "a key cannot name a workflow parameter: '" + key + "'; write the key out");
      }
      made.put(String.valueOf(key), inPlace(item));
    });
    return made;
  }

  /** Hands on the name that each place in a text has, for example {@code cuts.pt}. */
  public static void eachNamed(String text, Consumer<? super String> use) {
    Matcher place = PLACE.matcher(text);
    while (place.find()) {
      use.accept(place.group(1));
    }
  }

  private @Nullable Object inText(String text) {
    Matcher place = PLACE.matcher(text);
    if (place.matches()) {
      return value(place.group(1));
    }
    place.reset();
    StringBuilder made = new StringBuilder();
    int from = 0;
    while (place.find()) {
      made.append(text, from, place.start());
      made.append(word(place.group(), value(place.group(1))));
      from = place.end();
    }
    made.append(text, from, text.length());
    if (PLACE.matcher(text).replaceAll("").contains(START)) {
      throw new IllegalArgumentException("'" + text + "' has a " + START
          + " that names no workflow parameter; write {param.NAME}, without blanks");
    }
    return made.toString();
  }

  private static String word(String place, @Nullable Object value) {
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw new IllegalArgumentException(place + " stands within a text, and its value is "
        + (value == null ? "null" : value instanceof List ? "a list" : "a mapping")
        + ", which has no text; let it stand alone, or name a part of it");
  }

  /**
   * Returns the value of a parameter, or of a part of it.
   *
   * @param named the name, with the keys of mappings after dots
   * @throws IllegalArgumentException if there is none
   */
  public @Nullable Object value(String named) {
    String[] steps = named.split("\\.", -1);
    if (!values.containsKey(steps[0])) {
      throw new IllegalArgumentException("there is no workflow parameter '" + steps[0] + "'"
          + (values.isEmpty()
              ? "; the workflow has none: add params: {" + steps[0] + ": VALUE}"
              : "; " + Suggestions.didYouMean(steps[0], new TreeSet<>(values.keySet()))));
    }
    Object value = values.get(steps[0]);
    for (int i = 1; i < steps.length; i++) {
      if (!(value instanceof Map<?, ?> map) || !map.containsKey(steps[i])) {
        throw new IllegalArgumentException(
            "the workflow parameter '" + named + "' is not there: no '" + steps[i] + "' in "
                + (value instanceof Map<?, ?> map ? map.keySet() : "a single value"));
      }
      value = map.get(steps[i]);
    }
    return value;
  }
}
