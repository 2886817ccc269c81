package dev.muster.worker.internal;

import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads options, with an error that names the option's path. Immutable and thread-safe.
 *
 * @param config the options
 * @param path their path, for messages
 */
record OptionReader(Map<String, ? extends @Nullable Object> config, String path) {
  WorkflowException wrong(String name, String wanted) {
    return new WorkflowException(
        path + "." + name, "'" + name + "' must be " + wanted + ", got " + config.get(name), null);
  }

  /** Refuses options of other names. */
  void only(Set<String> known) {
    for (String name : config.keySet()) {
      if (!known.contains(name)) {
        throw new WorkflowException(
            path + "." + name,
            "there is no option '" + name + "' here",
            Suggestions.didYouMean(name, known) == null
                ? "known: " + Suggestions.listed(known)
                : Suggestions.didYouMean(name, known));
      }
    }
  }

  boolean truth(String name) {
    Object value = config.get(name);
    if (value != null && !(value instanceof Boolean)) {
      throw wrong(name, "true or false");
    }
    return Boolean.TRUE.equals(value);
  }

  @Nullable
  String text(String name) {
    Object value = config.get(name);
    if (value != null
        && (value instanceof List
            || value instanceof Map
            || String.valueOf(value).isBlank())) {
      throw wrong(name, "a text");
    }
    return value == null ? null : String.valueOf(value);
  }

  String text(String name, String fallback) {
    String text = text(name);
    return text == null ? fallback : text;
  }

  /** Returns a whole number, or null. */
  @Nullable
  Integer number(String name, int least) {
    Object value = config.get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Number number
        && number.doubleValue() == number.intValue()
        && number.intValue() >= least) {
      return number.intValue();
    }
    throw wrong(name, "a whole number of " + least + " or more");
  }

  /** Returns a text, or a list of them. */
  List<String> texts(String name, String wanted) {
    Object value = config.get(name);
    List<?> items =
        value == null ? List.of() : value instanceof List<?> list ? list : List.of(value);
    List<String> texts = new ArrayList<>();
    for (Object item : items) {
      if (!(item instanceof String text) || text.isBlank()) {
        throw wrong(name, wanted);
      }
      texts.add(text);
    }
    return texts;
  }

  /** Returns a mapping of names to texts, where nothing is an empty text. */
  Map<String, String> mapping(String name) {
    Map<String, String> mapping = new LinkedHashMap<>();
    inner(name).config().forEach((key, item) -> {
      if (item instanceof List<?> || item instanceof Map<?, ?>) {
        throw new WorkflowException(
            path + "." + name + "." + key, "'" + key + "' must have a text", null);
      }
      mapping.put(key, item == null ? "" : String.valueOf(item));
    });
    return mapping;
  }

  /** Returns variables of an environment. */
  Map<String, String> variables(String name) {
    Map<String, String> variables = mapping(name);
    variables.forEach((variable, value) -> {
      if (variable.isEmpty() || variable.indexOf('=') >= 0) {
        throw new WorkflowException(
            path + "." + name, "'" + variable + "' is no name of a variable", null);
      }
      if (inner(name).config().get(variable) == null) {
        throw new WorkflowException(
            path + "." + name + "." + variable,
            "the variable '" + variable + "' must have a text",
            null);
      }
    });
    return variables;
  }

  /** Returns the options below one; none if it is not there. */
  OptionReader inner(String name) {
    Object value = config.get(name);
    if (value != null && !(value instanceof Map<?, ?>)) {
      throw wrong(name, "a mapping from names to values");
    }
    Map<String, @Nullable Object> inner = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> inner.put(String.valueOf(key), item));
    }
    return new OptionReader(inner, path + "." + name);
  }
}
