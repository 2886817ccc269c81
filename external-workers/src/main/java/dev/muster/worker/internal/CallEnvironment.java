package dev.muster.worker.internal;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The variables of a call, beside those that the contract has. Immutable and thread-safe.
 *
 * @param variables variables that a worker has, over those of the place where it runs
 * @param unset variables that it must not have
 */
record CallEnvironment(Map<String, String> variables, Set<String> unset) {
  CallEnvironment {
    variables = Map.copyOf(variables);
    unset = Set.copyOf(unset);
  }

  /** Returns that of a call by hand: all of it comes from this process. */
  static CallEnvironment inherited() {
    return new CallEnvironment(Map.of(), Set.of());
  }

  /** Returns that of a task. */
  static CallEnvironment of(
      Map<String, String> credentials, List<String> unset, Map<String, String> stage) {
    Map<String, String> variables = new HashMap<>(credentials);
    variables.putAll(stage);
    Set<String> without = new LinkedHashSet<>(unset);
    without.removeAll(variables.keySet());
    return new CallEnvironment(variables, without);
  }
}
