package dev.muster.internal.operation;

import dev.muster.error.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes operations and modifiers of others, which tell one wrong parameter at a time: they are asked again without
 * each. Thread-safe.
 */
final class Repeatedly {
  private Repeatedly() {}

  /**
   * Returns what is made of parameters, or null after problems were added.
   *
   * @param problems receives what is wrong
   * @param maker makes it, or adds a problem and returns null
   */
  static <T> @Nullable T make(
      List<Problem> problems,
      Map<String, @Nullable Object> params,
      Function<Map<String, @Nullable Object>, @Nullable T> maker) {
    int before = problems.size();
    T made = maker.apply(params);
    Map<String, @Nullable Object> left = new LinkedHashMap<>(params);
    while (problems.size() == before + 1) {
      Problem problem = problems.get(before++);
      String name = problem.kind() == Problem.Kind.WRONG
          ? Named.parameter(problem.message(), left.keySet())
          : null;
      if (name == null) {
        break;
      }
      left.remove(name);
      T unused = maker.apply(left);
      if (problems.size() == before + 1
          && Named.parameter(problems.get(before).message(), left.keySet()) == null) {
        problems.remove(before); // it may only follow from what was left out
      }
    }
    return made;
  }
}
