package dev.muster.internal.yaml;

import dev.muster.execution.Pool;
import dev.muster.execution.PoolProfile;
import dev.muster.execution.Workers;
import dev.muster.resource.Quantities;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code pools} and {@code profiles}. */
final class PoolBinder {
  static final String HINT = "write for example {workers: 2, resources: {cpus: 1, memory: 4GB}}";
  private static final List<String> POOL_KEYS =
      List.of("workers", "slots", "resources", "use", "config");
  private static final List<String> PROFILE_KEYS =
      List.of("workers", "slots", "resources", "config");
  private static final Map<String, String> HINTS = Map.of(
      "cpus", "write it under 'resources'",
      "memory", "write it under 'resources'",
      "disk", "write it under 'resources'",
      "gpus", "write it under 'resources'",
      "nodes", "write it under 'resources'",
      "tasks_per_node", "write it under 'resources'",
      "walltime", "write it under 'config'",
      "queue", "write it under 'config'",
      "profile", "did you mean 'use'?");
  private static final int MOST = 1_000_000;
  private static final List<String> RESOURCE_KEYS;

  static {
    List<String> keys = new ArrayList<>(QuantitiesBinder.KEYS);
    keys.add("class");
    RESOURCE_KEYS = List.copyOf(keys);
  }

  private PoolBinder() {}

  static Pool pool(String name, Fields fields) {
    fields.only(POOL_KEYS, HINTS);
    Capabilities resources = resources(fields);
    return new Pool(
        name,
        fields.text("use"),
        workers(fields),
        fields.integer("slots", 1, MOST),
        resources.label(),
        resources.quantities(),
        fields.values("config"));
  }

  static PoolProfile profile(String name, Fields fields) {
    fields.only(PROFILE_KEYS, HINTS);
    Capabilities resources = resources(fields);
    return new PoolProfile(
        name,
        workers(fields),
        fields.integer("slots", 1, MOST),
        resources.label(),
        resources.quantities(),
        fields.values("config"));
  }

  private record Capabilities(@Nullable String label, Quantities quantities) {}

  private static Capabilities resources(Fields pool) {
    Node node = pool.node("resources");
    if (node == null) {
      return new Capabilities(null, Quantities.none());
    }
    if (node instanceof ScalarNode && !node.isNull()) {
      return new Capabilities(pool.text("resources"), Quantities.none());
    }
    Fields resources =
        pool.map("resources", "write the name of a resource class, or {cpus: 1, memory: 4GB}");
    if (resources == null) {
      return new Capabilities(null, Quantities.none());
    }
    resources.only(RESOURCE_KEYS);
    return new Capabilities(resources.text("class"), QuantitiesBinder.bind(resources));
  }

  private static @Nullable Workers workers(Fields pool) {
    Node node = pool.node("workers");
    if (node == null) {
      return null;
    }
    if (!(node instanceof MapNode)) {
      Integer count = pool.integer("workers", 1, MOST);
      return count == null ? null : Workers.of(count);
    }
    Fields range = pool.map("workers", "write {min: 0, max: 50}");
    if (range == null) {
      return null;
    }
    range.only(List.of("min", "max"));
    Integer min = range.integer("min", 0, MOST);
    Integer max = range.integer("max", 1, MOST);
    if (!range.has("max")) {
      range.missing("max", "a range of workers needs 'max'", "write {min: 0, max: 50}");
      return null;
    }
    if (min != null && max != null && min > max) {
      range.problemAt("min", "min " + min + " is more than max " + max, null);
      return null;
    }
    if (max == null || (min == null && range.has("min"))) {
      return null;
    }
    return new Workers(min == null ? 0 : min, max);
  }
}
