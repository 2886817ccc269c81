package dev.muster.fasthep;

import dev.muster.fasthep.FastHepPlan.Edge;
import dev.muster.fasthep.FastHepPlan.Node;
import dev.muster.fasthep.FastHepPlan.Port;
import dev.muster.fasthep.FastHepPlan.Wish;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a partition in groups that run in one process each. Nodes with the same wishes are in one chain, as
 * long as all that a node of a
 * chain reads is made in the same chain or in an earlier one. A node with a timeout is alone, so that the timeout is
 * its own. Immutable.
 */
final class Chains {
  /**
   * Nodes that run in one process, in the order of the plan.
   *
   * @param nodes at least one
   */
  record Chain(List<Node> nodes) {
    Chain {
      nodes = List.copyOf(nodes);
    }

    Wish wish() {
      return nodes.get(0).wish();
    }
  }

  private record Key(Wish wish, @Nullable String alone, int level) {}

  private final FastHepPlan plan;
  private final boolean compatible;
  private final Map<String, Node> byId = new HashMap<>();
  private final Map<String, Chain> chainOf = new HashMap<>();
  private final List<Chain> all;

  private Chains(FastHepPlan plan, boolean compatible) {
    this.plan = plan;
    this.compatible = compatible;
    plan.nodes().forEach(node -> byId.put(node.id(), node));
    all = group();
  }

  /**
   * Groups the nodes of a plan that run in partitions.
   *
   * @param compatible whether edges that FAST-HEP's compiler dropped stay away
   */
  static Chains of(FastHepPlan plan, boolean compatible) {
    return new Chains(plan, compatible);
  }

  private List<Chain> group() {
    Map<String, Key> keys = new HashMap<>();
    Map<Key, List<Node>> groups = new LinkedHashMap<>();
    for (Node node : plan.nodes()) {
      if (!runsInPartitions(node)) {
        continue;
      }
      String alone = node.wish().timeout() == null ? null : node.id();
      int level = 0;
      for (Edge edge : edges(node)) {
        Key producer = keys.get(edge.node());
        if (producer != null) {
          boolean same =
              alone == null && producer.alone() == null && producer.wish().equals(node.wish());
          level = Math.max(level, producer.level() + (same ? 0 : 1));
        }
      }
      Key key = new Key(node.wish(), alone, level);
      keys.put(node.id(), key);
      groups.computeIfAbsent(key, each -> new ArrayList<>()).add(node);
    }
    List<Chain> chains = new ArrayList<>();
    groups.entrySet().stream()
        .sorted(Comparator.comparingInt(each -> each.getKey().level()))
        .forEach(each -> chains.add(new Chain(each.getValue())));
    chains.forEach(chain -> chain.nodes().forEach(node -> chainOf.put(node.id(), chain)));
    return List.copyOf(chains);
  }

  private boolean runsInPartitions(Node node) {
    // A node that applies to no dataset never runs.
    boolean used = plan.partitions().isEmpty() || !node.datasets().isEmpty();
    return used && !node.shared() && !node.isLate();
  }

  /** Returns the chains; each reads only of earlier ones. */
  List<Chain> all() {
    return all;
  }

  /** Returns the nodes that run once, before all partitions. */
  List<Node> shared() {
    return plan.nodes().stream().filter(Node::shared).toList();
  }

  /** Returns the chain of a node, or null if it runs elsewhere. */
  @Nullable
  Chain chainOf(String node) {
    return chainOf.get(node);
  }

  private List<Edge> edges(Node node) {
    return node.inputs().stream()
        .filter(edge -> !compatible || !edge.restored())
        .toList();
  }

  /**
   * Returns what a node may read: its inputs, and behind a node that does not apply to every dataset, what that one
   * reads.
   */
  Set<Port> reads(Node node) {
    Set<Port> ports = new LinkedHashSet<>();
    read(node, ports);
    return ports;
  }

  private void read(Node node, Set<Port> ports) {
    for (Edge edge : edges(node)) {
      if (edge.orders() || !ports.add(edge.port())) {
        continue;
      }
      Node producer = byId.get(edge.node());
      if (producer != null
          && !plan.partitions().isEmpty()
          && producer.datasets().size() < plan.datasets().size()) {
        read(producer, ports);
      }
    }
  }

  /** Returns the nodes that a node waits for. */
  Set<String> waitsFor(Node node) {
    Set<String> nodes = new LinkedHashSet<>();
    edges(node).forEach(edge -> nodes.add(edge.node()));
    return nodes;
  }

  /** Returns the outputs of a chain that later chains may read, in the order of the plan. */
  List<Port> kept(Chain chain) {
    Set<Port> read = new LinkedHashSet<>();
    for (Chain other : all) {
      if (!other.equals(chain)) {
        other.nodes().forEach(node -> read.addAll(reads(node)));
      }
    }
    return portsOf(chain.nodes(), read);
  }

  /** Returns the outputs of the shared nodes that chains and late sinks may read. */
  List<Port> keptOfShared() {
    Set<Port> read = new LinkedHashSet<>();
    plan.nodes().stream().filter(node -> !node.shared()).forEach(node -> read.addAll(reads(node)));
    List<Node> shared = shared();
    shared.forEach(node -> node.kept().forEach(port -> read.add(new Port(node.id(), port))));
    return portsOf(shared, read);
  }

  /** Returns the outputs of a chain that are needed after the partitions. */
  List<Port> leaving(Chain chain) {
    List<Port> ports = new ArrayList<>();
    for (Node node : chain.nodes()) {
      node.kept().forEach(output -> ports.add(new Port(node.id(), output)));
    }
    return ports;
  }

  private static List<Port> portsOf(List<Node> nodes, Set<Port> wanted) {
    List<Port> ports = new ArrayList<>();
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        Port port = new Port(node.id(), output);
        if (wanted.contains(port)) {
          ports.add(port);
        }
      }
    }
    return ports;
  }

  /** Returns the names of the datasets to which some node of a chain applies, in the order of the plan. */
  List<String> datasets(Chain chain) {
    Set<String> used = new LinkedHashSet<>();
    chain.nodes().forEach(node -> used.addAll(node.datasets()));
    return plan.datasets().stream()
        .map(FastHepPlan.PlanDataset::name)
        .filter(used::contains)
        .toList();
  }
}
