package dev.muster.batch.backend;

import dev.muster.execution.Pool;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.resource.Quantities;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lanes of a session, and which of them a task goes into. Guarded by the {@link Work} that it belongs to. */
final class Lanes {
  private final Map<String, PoolJobs> pools = new LinkedHashMap<>();
  private final Map<Lane.Key, Lane> lanes = new LinkedHashMap<>();

  Lanes(List<PoolJobs> pools) {
    pools.forEach(pool -> this.pools.put(pool.pool.name(), pool));
  }

  /** Returns a pool, or null if this session has none of the name. */
  @Nullable
  PoolJobs pool(String name) {
    return pools.get(name);
  }

  Iterable<Lane> all() {
    return lanes.values();
  }

  /** Returns the lane of tasks of a stage that go to a route: of its pool with the least to do for its size. */
  Lane of(Route route, PlannedStage stage) {
    PoolJobs pool = leastBusy(route);
    if (pool == null) {
      throw new IllegalArgumentException("no pool of this session is on the route " + route);
    }
    boolean own = route.equals(stage.route());
    Quantities wanted = own ? stage.stage().environment().resources() : Quantities.none();
    int alone = pool.options.tasksPerJob() > 1 ? stage.index() : -1;
    Quantities quantities = wanted.over(pool.options.quantities());
    return lanes.computeIfAbsent(
        new Lane.Key(pool.pool.name(), quantities, alone), key -> new Lane(pool, quantities));
  }

  private @Nullable PoolJobs leastBusy(Route route) {
    PoolJobs best = null;
    for (Pool each : route.pools()) {
      PoolJobs pool = pools.get(each.name());
      if (pool != null && (best == null || pool.load(waiting(pool)) < best.load(waiting(best)))) {
        best = pool;
      }
    }
    return best;
  }

  private int waiting(PoolJobs pool) {
    int sum = 0;
    for (Lane lane : lanes.values()) {
      sum += lane.pool == pool ? lane.size() : 0;
    }
    return sum;
  }
}
