package dev.muster.internal.engine;

import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.local.LocalBackend;
import dev.muster.plan.Plan;
import dev.muster.spi.Site;
import dev.muster.spi.WorkerProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds options that nobody honours: neither the backend nor the strategy. The backend in this JVM, to which anything
 * may be moved for a try, also takes the options of all that is installed. Not thread-safe.
 */
final class OptionCheck {
  private static final Set<String> RESOURCES =
      Set.of("cpus", "disk", "gpus", "nodes", "tasks_per_node");

  private final Plan plan;
  private final Providers providers;
  private final Site site;
  private final List<Problem> problems = new ArrayList<>();

  private OptionCheck(Plan plan, Providers providers, Site site) {
    this.plan = plan;
    this.providers = providers;
    this.site = site;
  }

  /**
   * Checks the options of a plan's sessions. A backend that does not say which options it honours takes all.
   *
   * @throws WorkflowException if some are not known; lists all
   */
  static void check(Plan plan, List<SessionNeed> needs, Providers providers, Site site) {
    List<Problem> problems = problems(plan, needs, providers, site);
    if (!problems.isEmpty()) {
      Located located = new Located(plan);
      throw new WorkflowException(problems.stream().map(located::of).distinct().toList());
    }
  }

  /**
   * Returns the options of a plan's sessions that nobody knows.
   *
   * @param needs those whose backends and strategies there are
   */
  static List<Problem> problems(
      Plan plan, List<SessionNeed> needs, Providers providers, Site site) {
    return new OptionCheck(plan, providers, site).problems(needs);
  }

  private List<Problem> problems(List<SessionNeed> needs) {
    if (!anyGiven(needs)) {
      return problems; // then nothing that is installed has to be loaded for its options
    }
    Set<String> everywhere = new HashSet<>();
    boolean complete = !needs.isEmpty();
    boolean sure = true;
    List<String> asked = new ArrayList<>();
    for (SessionNeed need : needs) {
      Set<String> known = known(need);
      if (known == null) {
        complete = false;
        continue;
      }
      boolean own = there(need);
      sure &= own;
      everywhere.addAll(known);
      asked.add(who(need));
      for (Pool pool : need.pools()) {
        find("pool " + pool.name() + ".config", pool.config().keySet(), known, who(need), own);
      }
      NamedExecutor executor = executor(need);
      if (executor != null) {
        String path = "execution.executors." + executor.name() + ".config";
        find(path, executor.config().keySet(), known, who(need), own);
      }
    }
    if (complete) {
      Set<String> given = plan.execution().execution().config().keySet();
      find("execution.config", given, everywhere, String.join(", ", asked), sure);
    }
    return problems;
  }

  private boolean anyGiven(List<SessionNeed> needs) {
    if (!plan.execution().execution().config().isEmpty()) {
      return true;
    }
    for (SessionNeed need : needs) {
      NamedExecutor executor = executor(need);
      if (executor != null && !executor.config().isEmpty()) {
        return true;
      }
      for (Pool pool : need.pools()) {
        if (!pool.config().isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Tells whether the backend and the strategy of a session are installed. */
  private boolean there(SessionNeed need) {
    return providers.hasBackend(need.key().backend())
        && site.options(need.key().strategy()) != null;
  }

  private @Nullable NamedExecutor executor(SessionNeed need) {
    String name = need.key().executor();
    return name == null ? null : plan.execution().execution().executors().get(name);
  }

  private @Nullable Set<String> known(SessionNeed need) {
    if (need.key().backend().equals(LocalBackend.NAME) || !there(need)) {
      Set<String> all = providers.backendOptions();
      all.addAll(site.knownOptions());
      WorkerProvider workers = providers.workers();
      all.addAll(workers == null ? Set.of() : workers.options());
      return all;
    }
    Set<String> backend = providers.backend(need.key().backend()).options();
    if (backend == null) {
      return null;
    }
    Set<String> known = new TreeSet<>(backend);
    known.addAll(Objects.requireNonNullElse(site.options(need.key().strategy()), Set.of()));
    return known;
  }

  private static String who(SessionNeed need) {
    return "backend " + need.key().backend() + " with strategy " + need.key().strategy();
  }

  /**
   * Finds options that are not known.
   *
   * @param sure whether what is not known is wrong; else only if it is nearly one that is
   */
  private void find(String path, Set<String> given, Set<String> known, String who, boolean sure) {
    for (String key : given) {
      if (!known.contains(key) && (sure || Suggestions.nearest(key, known) != null)) {
        String near = Suggestions.didYouMean(key, known);
        problems.add(new Problem(
            null,
            path + "." + key,
            "option '" + key + "' is not known to " + who,
            RESOURCES.contains(key)
                ? "write it under 'resources'"
                : near != null ? near : "they know " + String.join(", ", new TreeSet<>(known))));
      }
    }
  }
}
