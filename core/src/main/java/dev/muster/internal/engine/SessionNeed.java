package dev.muster.internal.engine;

import dev.muster.error.Problem;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.plan.WorkerAssignments;
import dev.muster.spi.SiteNeed;
import dev.muster.workflow.Stage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session that a plan needs: what tells it apart, the pools whose tasks come to it, the stages, and the options.
 * Immutable and thread-safe.
 */
record SessionNeed(
    SessionKey key, List<Pool> pools, List<Stage> stages, Map<String, @Nullable Object> config) {

  /**
   * Resolves the code of the stages.
   *
   * @param problems receives what is wrong
   */
  StageCodes codes(Plan plan, Providers providers, List<Problem> problems) {
    String backend = key.backend();
    return StageCodes.resolve(
        plan.workflow(),
        stages,
        providers,
        plan.workflow().baseDirectory(),
        new StageCodes.Setting(
            backend,
            providers.backend(backend).carries(),
            config,
            pools,
            plan.code(),
            new WorkerAssignments(plan.workflow(), plan.execution().execution())),
        problems);
  }

  /**
   * Returns the sessions of a plan, one for each backend, strategy and executor that a route names, in the stages'
   * order.
   */
  static List<SessionNeed> of(Plan plan) {
    Map<SessionKey, Set<Pool>> pools = new LinkedHashMap<>();
    Map<SessionKey, List<Stage>> stages = new LinkedHashMap<>();
    for (PlannedStage stage : plan.stages()) {
      note(stage.route(), stage.stage(), pools, stages);
      if (stage.stage().retry().escalate() != null) {
        note(plan.escalationOf(stage), stage.stage(), pools, stages);
      }
    }
    List<SessionNeed> needs = new ArrayList<>();
    pools.forEach((key, used) -> needs.add(new SessionNeed(
        key, List.copyOf(used), stages.getOrDefault(key, List.of()), config(plan, key))));
    return needs;
  }

  /** Returns what it needs of a site. */
  SiteNeed site() {
    return new SiteNeed(key.strategy(), pools, config);
  }

  /** Returns the same without some stages. */
  SessionNeed without(Set<String> ids) {
    return ids.isEmpty()
        ? this
        : new SessionNeed(
            key,
            pools,
            stages.stream().filter(stage -> !ids.contains(stage.id())).toList(),
            config);
  }

  private static void note(
      Route route,
      Stage stage,
      Map<SessionKey, Set<Pool>> pools,
      Map<SessionKey, List<Stage>> stages) {
    SessionKey key = SessionKey.of(route);
    pools.computeIfAbsent(key, absent -> new LinkedHashSet<>()).addAll(route.pools());
    List<Stage> served = stages.computeIfAbsent(key, absent -> new ArrayList<>());
    if (served.isEmpty() || !served.get(served.size() - 1).equals(stage)) {
      served.add(stage);
    }
  }

  private static Map<String, @Nullable Object> config(Plan plan, SessionKey key) {
    Map<String, @Nullable Object> merged =
        new LinkedHashMap<>(plan.execution().execution().config());
    NamedExecutor executor =
        plan.execution().execution().executors().get(key.executor() == null ? "" : key.executor());
    if (executor != null) {
      merged.putAll(executor.config());
    }
    return Collections.unmodifiableMap(merged);
  }
}
