package dev.muster.fasthep;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A compiled plan, as FAST-HEP's own loader gives it.
 *
 * @param variation the systematic variation, or null for a plan without any
 * @param name the name under which workers find it
 * @param datasets in FAST-HEP's order
 * @param nodes in topological order
 * @param partitions in FAST-HEP's order; empty for a plan that runs once
 * @param execution FAST-HEP's normalised block
 * @param reports the ids of the reports, in their order
 */
record FastHepPlan(
    @Nullable String variation,
    String name,
    List<PlanDataset> datasets,
    List<Node> nodes,
    List<PlanPartition> partitions,
    Map<String, @Nullable Object> execution,
    List<Hook> hooks,
    List<String> reports) {
  FastHepPlan {
    datasets = List.copyOf(datasets);
    nodes = List.copyOf(nodes);
    partitions = List.copyOf(partitions);
    hooks = List.copyOf(hooks);
    reports = List.copyOf(reports);
  }

  /** Returns the node of that id, or null. */
  @Nullable
  Node node(String id) {
    return nodes.stream().filter(node -> node.id().equals(id)).findFirst().orElse(null);
  }

  /** What a node is. */
  enum Role {
    SOURCE,
    TRANSFORM,
    OBSERVER,
    SINK
  }

  /** When a sink runs. */
  enum When {
    PARTITION_END,
    DATASET_END,
    RUN_END
  }

  /**
   * A node.
   *
   * @param kept those of its outputs that are needed after the partitions
   * @param shared whether it runs once, before all partitions
   * @param when when it runs, or null if it is no sink
   * @param stage the id of the workflow's stage that it comes from, or its own
   * @param datasets the names of those to which it applies
   */
  record Node(
      String id,
      Role role,
      List<Edge> inputs,
      List<String> outputs,
      List<String> kept,
      boolean shared,
      @Nullable When when,
      String stage,
      List<String> datasets,
      Wish wish) {
    Node {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      kept = List.copyOf(kept);
      datasets = List.copyOf(datasets);
    }

    /** Tells whether it runs after a merge. */
    boolean isLate() {
      return when == When.DATASET_END || when == When.RUN_END;
    }
  }

  /**
   * What a node reads.
   *
   * @param node the node that makes it
   * @param output the port of that node
   * @param input its name for the reader; {@code dependency} only orders
   * @param restored whether FAST-HEP's compiler dropped it
   */
  record Edge(String node, String output, String input, boolean restored) {
    boolean orders() {
      return input.equals("dependency");
    }

    Port port() {
      return new Port(node, output);
    }
  }

  /** An output of a node. */
  record Port(String node, String output) {
    List<String> toList() {
      return List.of(node, output);
    }
  }

  /** What a stage asks of its workers. Nodes with the same wishes can run in one process. */
  record Wish(
      @Nullable String require,
      @Nullable String prefer,
      @Nullable String fallback,
      @Nullable Duration timeout) {
    static final Wish NONE = new Wish(null, null, null, null);
  }

  /** A dataset. */
  record PlanDataset(
      String name, @Nullable String eventtype, @Nullable String group) {}

  /**
   * A share of a dataset.
   *
   * @param repeated whether an earlier partition has the same events, for another source
   */
  record PlanPartition(String id, String dataset, String file, boolean repeated) {}

  /**
   * An execution hook.
   *
   * @param stateful whether it needs all nodes of a partition in one process
   * @param apart the events that it listens to, in words, if they come in several processes in any case; else null
   */
  record Hook(String kind, boolean stateful, @Nullable String apart) {}
}
