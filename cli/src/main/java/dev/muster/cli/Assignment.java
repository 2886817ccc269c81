package dev.muster.cli;

import dev.muster.error.Suggestions;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A key and a value given on the command line, {@code pools.gpu.workers=2}.
 *
 * @param option the option and its argument as they were given
 * @param path the parts of the key that are still to be understood
 * @param raw the value as it was given
 * @param value the value, read as YAML
 */
record Assignment(
    String option, List<String> path, String raw, @Nullable Object value) {
  /**
   * Reads an assignment and hands it on.
   *
   * @throws UsageException if it is none, or {@code use} finds an argument in it that is out of range
   */
  static void read(String option, String text, Consumer<Assignment> use) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new UsageException(option + " " + text + ": expected KEY=VALUE, for example "
          + (option.equals("--pool") ? "gpu=2" : "pools.gpu.workers=2"));
    }
    String raw = text.substring(equals + 1);
    List<String> path = List.of(text.substring(0, equals).strip().split("\\.", -1));
    String name = option + " " + text;
    if (path.stream().anyMatch(String::isBlank)) {
      throw new UsageException(name + ": a part of the key is empty");
    }
    try {
      use.accept(new Assignment(name, path, raw, parse(name, raw)));
    } catch (IllegalArgumentException e) {
      throw new UsageException(name + ": " + e.getMessage());
    }
  }

  private static @Nullable Object parse(String name, String raw) {
    if (raw.isBlank()) {
      return "";
    }
    try {
      return new YAMLMapper().readValue(raw, Object.class);
    } catch (JacksonException e) {
      throw new UsageException(name + ": the value is not YAML: "
          + e.getOriginalMessage().lines().findFirst().orElse(""));
    }
  }

  String head() {
    return path.get(0);
  }

  /** Returns this without the first part of the key. */
  Assignment rest() {
    if (path.size() == 1) {
      return new Assignment(option, List.of(""), raw, value);
    }
    return new Assignment(option, path.subList(1, path.size()), raw, value);
  }

  /** Returns this if the key ends here. */
  Assignment last() {
    if (path.size() > 1) {
      throw wrong("'" + path.get(0) + "' has no keys of its own");
    }
    return this;
  }

  /** Returns the name that stands here, with something behind it. */
  String named() {
    if (path.get(0).isEmpty() || path.size() < 2) {
      throw wrong(
          "the key ends too early; a name and a key are missing, as in pools.gpu.workers=2");
    }
    return path.get(0);
  }

  /** Returns all that is left of the key: options have names with dots in them. */
  String joined() {
    String joined = String.join(".", path);
    if (joined.isEmpty()) {
      throw wrong("the key ends too early; the name of an option is missing");
    }
    return joined;
  }

  /** Returns the value as text, as it was given; quotes are taken off. */
  String text() {
    if (value instanceof Map || value instanceof List) {
      throw wrong("expected one word, got " + raw);
    }
    String text = value instanceof String string ? string : raw.strip();
    if (text.isEmpty()) {
      throw wrong("a value is missing");
    }
    return text;
  }

  /** Returns the value as true or false. */
  boolean flag() {
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong("expected true or false, got " + raw);
  }

  /** Returns the value as a number. */
  int integer() {
    if (value instanceof Integer integer) {
      return integer;
    }
    throw wrong("expected a whole number, got '" + raw + "'");
  }

  UsageException wrong(String message) {
    return new UsageException(option + ": " + message);
  }

  UsageException unknown(List<String> known) {
    if (head().isEmpty()) {
      return wrong("the key ends too early; known: " + String.join(", ", known));
    }
    return wrong("unknown key '" + head() + "'; " + Suggestions.didYouMean(head(), known));
  }
}
