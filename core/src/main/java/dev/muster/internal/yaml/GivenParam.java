package dev.muster.internal.yaml;

import dev.muster.error.WorkflowException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value that somebody gives a workflow parameter in place of the file's. Immutable.
 *
 * @param value the value; a text that is to be read, if {@code read}
 * @param read whether the value is a text as on a command line: taken as it is where the file's own value is a text,
 *     else read as YAML
 */
public record GivenParam(@Nullable Object value, boolean read) {
  /** Returns a value as it is. */
  public static GivenParam of(@Nullable Object value) {
    return new GivenParam(value, false);
  }

  /** Returns a value that is to be read from text. */
  public static GivenParam read(String text) {
    return new GivenParam(text, true);
  }

  /**
   * Returns the value.
   *
   * @param own the file's own value, whose kind it must have; null takes any
   * @throws IllegalArgumentException if it is of another kind, or no YAML
   */
  @Nullable
  Object like(@Nullable Object own) {
    Object made = value;
    if (read) {
      String text = String.valueOf(value);
      made = own instanceof String ? text : yaml(text);
    }
    if (own instanceof Double && made instanceof Number number) {
      made = number.doubleValue();
    }
    if (own != null && !kind(own).equals(kind(made))) {
      throw new IllegalArgumentException(
          "the file's own value is " + kind(own) + ", and this is " + kind(made) + ": " + value);
    }
    return made;
  }

  private static @Nullable Object yaml(String text) {
    Problems problems = new Problems("<value>");
    try {
      Node node = TreeReader.read(SourceText.of("<value>", text), problems);
      problems.throwIfAny();
      return node == null ? null : node.toJava();
    } catch (WorkflowException e) {
      throw new IllegalArgumentException("it is no YAML: " + e.problems().get(0).message(), e);
    }
  }

  private static String kind(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof String) {
      return "a text";
    }
    if (value instanceof Boolean) {
      return "true or false";
    }
    if (value instanceof Number) {
      return value instanceof Double || value instanceof Float ? "a number" : "a whole number";
    }
    return value instanceof List ? "a list" : value instanceof Map ? "a mapping" : "an object";
  }
}
