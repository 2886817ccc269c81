package dev.muster.spi;

import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds everything that a reader of options refuses, though it throws at the first: it reads again without each option
 * that it refused.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class OptionProblems {
  private OptionProblems() {}

  /**
   * Returns what is wrong with options.
   *
   * @param options the options by name
   * @param reader reads them; called once, and once more for each round of wrong options. The problems of a {@link
   * WorkflowException} that it throws have paths that end with {@code .<name of the option>}
   */
  public static List<Problem> of(
      Map<String, @Nullable Object> options, Consumer<Map<String, @Nullable Object>> reader) {
    Map<String, @Nullable Object> left = new LinkedHashMap<>(options);
    List<Problem> problems = new ArrayList<>();
    for (int round = 0; round <= options.size(); round++) {
      List<Problem> refused = refused(left, reader);
      boolean less = false;
      for (Problem problem : refused) {
        String name = name(problem.path(), left.keySet());
        if (name != null) {
          left.remove(name);
          less = true;
          problems.add(problem);
        } else if (problems.isEmpty()) { // else it may only follow from what was left out
          problems.add(problem);
        }
      }
      if (!less) {
        break;
      }
    }
    return problems;
  }

  private static List<Problem> refused(
      Map<String, @Nullable Object> options, Consumer<Map<String, @Nullable Object>> reader) {
    try {
      reader.accept(Collections.unmodifiableMap(options));
      return List.of();
    } catch (WorkflowException e) {
      return e.problems();
    } catch (MusterException | IllegalArgumentException e) {
      return List.of(new Problem(null, "", String.valueOf(e.getMessage()), null));
    }
  }

  private static @Nullable String name(String path, Set<String> names) {
    String found = null;
    for (String name : names) {
      if (path.endsWith("." + name) && (found == null || name.length() > found.length())) {
        found = name;
      }
    }
    return found;
  }
}
