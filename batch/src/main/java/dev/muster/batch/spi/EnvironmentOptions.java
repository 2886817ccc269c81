package dev.muster.batch.spi;

import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.WorkerEnvironment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the options of a workers' environment, with a clear error for what they cannot be.
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class EnvironmentOptions {
  private static final String PATH = "execution.environment.";

  private final WorkerEnvironment environment;
  private final Path base;

  private EnvironmentOptions(WorkerEnvironment environment, Path base) {
    this.environment = environment;
    this.base = base;
  }

  /**
   * Returns the options of an environment.
   *
   * @param known the names of the options that there are
   * @throws MusterException if another one is given
   */
  public static EnvironmentOptions of(EnvironmentContext context, Set<String> known) {
    WorkerEnvironment environment = context.environment();
    List<Problem> problems = new ArrayList<>();
    for (String key : environment.options().keySet()) {
      if (!known.contains(key)) {
        String near = Suggestions.didYouMean(key, known);
        problems.add(new Problem(
            null,
            PATH + key,
            "environment " + environment.type() + " knows no option '" + key + "'",
            known.isEmpty()
                ? "it has none"
                : near != null ? near : "it knows " + String.join(", ", new TreeSet<>(known))));
      }
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
    return new EnvironmentOptions(environment, context.baseDirectory());
  }

  /**
   * Returns a text, or null if it is not given. Numbers and booleans are written as they are.
   *
   * @throws MusterException if it is a list, a mapping, empty, or has a line break
   */
  public @Nullable String text(String key) {
    Object value = environment.options().get(key);
    if (value == null) {
      return null;
    }
    String text = value.toString();
    if (value instanceof Map || value instanceof List || text.isBlank() || text.contains("\n")) {
      throw wrong(key, "a text in one line");
    }
    return text;
  }

  /**
   * Returns a path, absolute and without {@code ..}, or null if it is not given. A relative one is taken from the base
   * directory.
   *
   * @throws MusterException if it is no path
   */
  public @Nullable Path path(String key) {
    String text = text(key);
    try {
      return text == null ? null : base.resolve(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw wrong(key, "a path");
    }
  }

  /**
   * Returns one of some words, or null if it is not given.
   *
   * @throws MusterException if it is another one
   */
  public @Nullable String word(String key, List<String> words) {
    String text = text(key);
    if (text != null && !words.contains(text)) {
      throw wrong(key, String.join(" or ", words));
    }
    return text;
  }

  /**
   * Returns a whole number, or {@code fallback} if it is not given.
   *
   * @throws MusterException if it is none, or not between the bounds
   */
  public int number(String key, int least, int most, int fallback) {
    Object value = environment.options().get(key);
    if (value == null) {
      return fallback;
    }
    if (value instanceof Number number
        && number.doubleValue() == number.intValue()
        && number.intValue() >= least
        && number.intValue() <= most) {
      return number.intValue();
    }
    throw wrong(key, "a whole number from " + least + " to " + most);
  }

  /**
   * Returns texts, or {@code fallback} if they are not given. One text stands for a list of one.
   *
   * @throws MusterException if it is something else
   */
  public List<String> texts(String key, List<String> fallback) {
    Object value = environment.options().get(key);
    if (value == null) {
      return fallback;
    }
    List<String> texts = new ArrayList<>();
    for (Object item : value instanceof List<?> list ? list : List.of(value)) {
      if (item == null || item instanceof Map || item instanceof List) {
        throw wrong(key, "a list of texts");
      }
      texts.add(item.toString());
    }
    return texts;
  }

  /** Returns an error that names the option, what it must be, and what it is. Its problem has the option's path. */
  public MusterException wrong(String key, String wanted) {
    return new WorkflowException(
        PATH + key,
        key + " must be " + wanted + ", got " + environment.options().get(key),
        null);
  }
}
