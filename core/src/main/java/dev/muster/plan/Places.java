package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.error.Suggestions;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Execution;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the backend, the strategy and the pools that serve a stage: the execution's, or those of the backend or
 * executor that the stage names. Immutable and thread-safe.
 */
final class Places {
  /** The backend in this JVM, and the strategy that starts nothing elsewhere. */
  static final String LOCAL = "local";

  private final Execution execution;
  private final PoolIndex pools;
  private final PoolIndex thisMachine;

  Places(EffectiveExecution effective, Machine machine) {
    execution = effective.execution();
    boolean none = execution.pools().isEmpty();
    pools = none
        ? PoolIndex.standIn(pool(RoutingRules.DEFAULT, machine))
        : PoolIndex.of(ImmutableList.copyOf(execution.pools().values()));
    Pool beside = pool(LOCAL, machine);
    thisMachine = none ? PoolIndex.standIn(beside) : PoolIndex.of(ImmutableList.of(beside));
  }

  private static Pool pool(String name, Machine machine) {
    return Pool.builder(name)
        .workers(1)
        .slots(machine.cpus())
        .quantities(machine.quantities())
        .build();
  }

  /** Returns the pools of the execution, or the one that stands in where it describes none. */
  PoolIndex pools() {
    return pools;
  }

  Placement find(@Nullable String backend, @Nullable String executor) {
    if (executor == null) {
      return place(backend);
    }
    NamedExecutor named = execution.executors().get(executor);
    String wanted;
    if (named != null) {
      // What starts external workers is in this JVM.
      wanted = named.backend() == null && named.type() != null ? LOCAL : named.backend();
    } else if (executor.equals("LocalExecutor")) {
      wanted = LOCAL;
    } else if (execution.assignments().containsValue(executor)
        || Delegation.all(execution).values().stream()
            .anyMatch(each -> each.targets().contains(executor))) {
      wanted = LOCAL; // one that every execution has, such as uv
    } else if (executor.equals("DaskExecutor")) {
      wanted = "dask";
    } else {
      Set<String> known = new LinkedHashSet<>(execution.executors().keySet());
      known.add("LocalExecutor");
      known.add("DaskExecutor");
      return new Answer.Missing(
          ".executor",
          "unknown executor '" + executor + "'",
          Suggestions.didYouMean(executor, known));
    }
    if (backend != null && wanted != null && !backend.equals(wanted)) {
      return new Answer.Missing(
          ".executor",
          "the stage asks for backend '" + backend + "', but executor '" + executor
              + "' has backend '" + wanted + "'",
          "leave one of them out");
    }
    Placement.Place place = place(wanted != null ? wanted : backend);
    return named == null ? place : in(named, place);
  }

  private Placement.Place place(@Nullable String backend) {
    String own = Objects.requireNonNull(execution.backend());
    if (LOCAL.equals(backend) && !own.equals(LOCAL)) {
      return new Placement.Place(
          LOCAL, LOCAL, null, thisMachine, " on the local backend, which has this machine only");
    }
    String strategy = Objects.requireNonNull(execution.strategy());
    return new Placement.Place(backend == null ? own : backend, strategy, null, pools, "");
  }

  private Placement in(NamedExecutor executor, Placement.Place place) {
    String pool = executor.pool();
    String strategy = executor.strategy() != null ? executor.strategy() : place.strategy();
    if (pool == null) {
      return new Placement.Place(
          place.backend(), strategy, executor.name(), place.pools(), place.where());
    }
    Pool only = execution.pools().get(pool);
    if (only == null) {
      return new Answer.Missing(
          ".executor",
          "executor '" + executor.name() + "' names the unknown pool '" + pool + "'",
          Suggestions.didYouMean(pool, execution.pools().keySet()));
    }
    return new Placement.Place(
        place.backend(),
        strategy,
        executor.name(),
        PoolIndex.of(ImmutableList.of(only)),
        " in executor " + executor.name());
  }
}
