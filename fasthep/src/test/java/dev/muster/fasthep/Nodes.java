package dev.muster.fasthep;

import dev.muster.fasthep.FastHepPlan.Edge;
import dev.muster.fasthep.FastHepPlan.Hook;
import dev.muster.fasthep.FastHepPlan.Node;
import dev.muster.fasthep.FastHepPlan.PlanDataset;
import dev.muster.fasthep.FastHepPlan.PlanPartition;
import dev.muster.fasthep.FastHepPlan.Role;
import dev.muster.fasthep.FastHepPlan.When;
import dev.muster.fasthep.FastHepPlan.Wish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes plans for tests: two datasets, d with two partitions and e with one. */
final class Nodes {
  private final List<Node> nodes = new ArrayList<>();
  private final List<Hook> hooks = new ArrayList<>();
  private final List<String> reports = new ArrayList<>();

  static Wish require(String label) {
    return new Wish(label, null, null, null);
  }

  static Wish timeout(int seconds) {
    return new Wish(null, null, null, Duration.ofSeconds(seconds));
  }

  Nodes source(String id) {
    return add(id, Role.SOURCE, false, null, Wish.NONE, List.of("d", "e"));
  }

  Nodes transform(String id, Wish wish, String... from) {
    return add(id, Role.TRANSFORM, false, null, wish, List.of("d", "e"), from);
  }

  Nodes onlyE(String id, Wish wish, String... from) {
    return add(id, Role.TRANSFORM, false, null, wish, List.of("e"), from);
  }

  Nodes shared(String id, Wish wish) {
    return add(id, Role.TRANSFORM, true, null, wish, List.of("d", "e"));
  }

  Nodes sink(String id, When when, String... from) {
    return add(id, Role.SINK, false, when, Wish.NONE, List.of("d", "e"), from);
  }

  Nodes hook(String kind, boolean stateful) {
    hooks.add(new Hook(kind, stateful, null));
    return this;
  }

  Nodes hookOfTheEnd(String kind) {
    hooks.add(new Hook(kind, false, "before_node and run_end"));
    return this;
  }

  Nodes report(String id) {
    reports.add(id);
    return this;
  }

  private Nodes add(
      String id,
      Role role,
      boolean shared,
      When when,
      Wish wish,
      List<String> datasets,
      String... from) {
    List<Edge> edges = new ArrayList<>();
    for (String each : from) {
      String node = each.replace("!", "").replace("?", "");
      edges.add(
          new Edge(node, "out", each.endsWith("!") ? "dependency" : node, each.endsWith("?")));
    }
    List<String> kept = role == Role.TRANSFORM ? List.of("out") : List.of();
    nodes.add(new Node(id, role, edges, List.of("out"), kept, shared, when, id, datasets, wish));
    return this;
  }

  FastHepPlan plan() {
    return plan(List.of(
        new PlanPartition("p0", "d", "a.root", false),
        new PlanPartition("p1", "d", "b.root", false),
        new PlanPartition("p2", "e", "c.root", false)));
  }

  FastHepPlan plan(List<PlanPartition> partitions) {
    return plan(null, partitions);
  }

  FastHepPlan plan(String variation, List<PlanPartition> partitions) {
    return new FastHepPlan(
        variation,
        variation == null ? "plan" : variation,
        List.of(new PlanDataset("d", "data", null), new PlanDataset("e", "mc", "g")),
        nodes,
        partitions,
        Map.of(),
        hooks,
        reports);
  }
}
