package dev.muster.internal.yaml;

import dev.muster.resource.Quantities;
import java.util.List;

/** Reads amounts of hardware: {@code {cpus: 1, memory: 4GB, disk: 20GB, gpus: 1}}. */
final class QuantitiesBinder {
  static final List<String> KEYS =
      List.of("cpus", "memory", "disk", "gpus", "nodes", "tasks_per_node");
  static final String HINT = "write for example {cpus: 1, memory: 4GB}";
  private static final int MOST = 1_000_000;
  private static final int MOST_TASKS = 1_000;

  private QuantitiesBinder() {}

  /** Reads the amounts; the caller checks the keys. */
  static Quantities bind(Fields fields) {
    return new Quantities(
        fields.integer("cpus", 1, MOST),
        fields.size("memory"),
        fields.size("disk"),
        fields.integer("gpus", 0, MOST),
        fields.integer("nodes", 1, MOST),
        fields.integer("tasks_per_node", 1, MOST_TASKS));
  }
}
