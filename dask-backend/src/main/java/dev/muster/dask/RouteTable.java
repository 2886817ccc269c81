package dev.muster.dask;

import dev.muster.execution.Pool;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The routes of one session, numbered; those that ask Dask for the same workers are one. Immutable and thread-safe. */
final class RouteTable {
  private final Map<Key, Integer> numbers = new LinkedHashMap<>();

  private record Key(Map<String, Double> resources, List<String> pools) {
    static Key of(Route route) {
      return new Key(
          route.annotations().resources(),
          route.pools().stream().map(Pool::name).toList());
    }

    Map<String, Object> described() {
      return Map.of("resources", resources, "pools", pools);
    }
  }

  /** Makes the table of the stages' routes, and of those that their tasks may escalate to. */
  RouteTable(Plan plan, List<PlannedStage> stages) {
    for (PlannedStage stage : stages) {
      add(stage.route());
      if (stage.stage().retry().escalate() != null) {
        add(plan.escalationOf(stage));
      }
    }
  }

  private void add(Route route) {
    numbers.putIfAbsent(Key.of(route), numbers.size());
  }

  /**
   * Returns the number of a route.
   *
   * @throws IllegalArgumentException if no stage of the session has it
   */
  int number(Route route) {
    Integer number = numbers.get(Key.of(route));
    if (number == null) {
      throw new IllegalArgumentException("no stage of this session has the route " + route);
    }
    return number;
  }

  /** Returns the routes in the bridge's terms, by number. */
  List<Map<String, Object>> described() {
    List<Map<String, Object>> described = new ArrayList<>();
    numbers.keySet().forEach(key -> described.add(key.described()));
    return described;
  }
}
