package dev.muster.internal.engine;

import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds options that nobody honours: neither the backend nor the strategy. Thread-safe. */
final class OptionCheck {
  private OptionCheck() {}

  /**
   * Checks the options of a plan's sessions. A backend that does not say which options it honours takes all.
   *
   * @throws WorkflowException if some are not known; lists all
   */
  static void check(Plan plan, List<SessionNeed> needs, Providers providers) {
    List<Problem> problems = new ArrayList<>();
    Set<String> everywhere = new HashSet<>();
    boolean complete = true;
    List<String> asked = new ArrayList<>();
    for (SessionNeed need : needs) {
      Set<String> known = known(need, providers);
      if (known == null) {
        complete = false;
        continue;
      }
      everywhere.addAll(known);
      asked.add(who(need));
      for (Pool pool : need.pools()) {
        find(
            plan,
            "pools." + pool.name() + ".config",
            pool.config().keySet(),
            known,
            who(need),
            problems);
      }
    }
    if (complete) {
      for (SessionNeed need : needs) {
        find(
            plan, "config", need.config().keySet(), everywhere, String.join(", ", asked), problems);
      }
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems.stream().distinct().toList());
    }
  }

  private static @Nullable Set<String> known(SessionNeed need, Providers providers) {
    Set<String> backend = providers.backend(need.key().backend()).options();
    if (backend == null) {
      return null;
    }
    Set<String> known = new TreeSet<>(backend);
    known.addAll(providers.strategy(need.key().strategy()).options());
    return known;
  }

  private static String who(SessionNeed need) {
    return "backend " + need.key().backend() + " with strategy " + need.key().strategy();
  }

  private static void find(
      Plan plan,
      String path,
      Set<String> given,
      Set<String> known,
      String who,
      List<Problem> problems) {
    Map<String, String> origins = plan.execution().origins();
    for (String key : given) {
      if (!known.contains(key)) {
        String origin = origins.get(path + "." + key);
        String near = Suggestions.didYouMean(key, known);
        problems.add(new Problem(
            null,
            "execution." + path + "." + key,
            "option '" + key + "' is not known to " + who
                + (origin == null ? "" : " (set by " + origin + ")"),
            near != null ? near : "they know " + String.join(", ", new TreeSet<>(known))));
      }
    }
  }
}
