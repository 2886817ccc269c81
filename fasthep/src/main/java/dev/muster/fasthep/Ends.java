package dev.muster.fasthep;

import dev.muster.fasthep.Chains.Chain;
import dev.muster.fasthep.FastHepPlan.Node;
import dev.muster.fasthep.FastHepPlan.Port;
import dev.muster.fasthep.FastHepPlan.Role;
import dev.muster.fasthep.FastHepPlan.When;
import dev.muster.fasthep.FastHepPlan.Wish;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The stages of one plan that come after its chains: the tree of merges, late sinks, {@code datasets}, {@code products}
 * and reports. Not thread-safe.
 */
final class Ends {
  /** The most stores that a task reads. */
  static final int HELD = 32;

  private final Stages stages;
  private final FastHepPlan plan;
  private final Chains chains;
  private final Data data;
  private final Workflow.Builder workflow;
  private final Map<String, String> sinks = new LinkedHashMap<>(); // late nodes, and their stages

  Ends(Stages stages, FastHepPlan plan, Chains chains, Data data, Workflow.Builder workflow) {
    this.stages = stages;
    this.plan = plan;
    this.chains = chains;
    this.data = data;
    this.workflow = workflow;
  }

  /**
   * Adds the stages.
   *
   * @param after the stage for which {@code products} waits, or null
   * @return the id of the last one
   */
  String add(@Nullable String after) {
    if (stages.cut()) {
      addMerges();
    }
    List<Node> early = late(When.DATASET_END);
    if (stages.cut()) {
      early.forEach(this::addSink);
    }
    List<Node> last = late(When.RUN_END);
    addDatasets(last);
    for (int i = 0; i < last.size(); i++) {
      addLastSink(last.get(i), i);
    }
    addProducts(after);
    return addReports();
  }

  private List<Node> late(When when) {
    boolean cut = stages.cut();
    return plan.nodes().stream()
        .filter(node -> node.when() == when)
        .filter(node -> !cut || when == When.RUN_END || !datasets(node).isEmpty())
        .toList();
  }

  private List<String> datasets(Node node) {
    return data.names(plan).stream().filter(node.datasets()::contains).toList();
  }

  // Merges

  private void addMerges() {
    List<StageInput> inputs = edges();
    int largest = data.largest(plan);
    for (long size = HELD; size < largest; size *= HELD) {
      Map<String, @Nullable Object> params = stages.params();
      params.put("block", (int) size);
      stages.names(params);
      String id = stages.free(Stages.MERGE + "_" + size);
      Stage.Builder stage = stages
          .stage(id, "fasthep.block", params, Wish.NONE)
          .scope(Scope.DATASET)
          .block((int) size);
      stages.restrict(stage, data.names(plan));
      workflow.stage(stage.needs().from(inputs).build());
      inputs = List.of(new StageInput(id, "part", "parts"));
    }
    Map<String, @Nullable Object> params = stages.params();
    stages.names(params);
    Stage.Builder stage = stages
        .stage(stages.id(Stages.MERGE), "fasthep.dataset", params, Wish.NONE)
        .scope(Scope.DATASET);
    stages.restrict(stage, data.names(plan));
    workflow.stage(stage.needs().from(inputs).build());
  }

  /** Returns what leaves the partitions. */
  private List<StageInput> edges() {
    List<StageInput> inputs = new ArrayList<>();
    for (Chain chain : chains.all()) {
      boolean partly = !chains.datasets(chain).containsAll(data.names(plan));
      StageInput input = new StageInput(stages.name(chain), "edge", "edge_" + inputs.size());
      inputs.add(partly ? input.asOptional() : input);
    }
    if (stages.compatible()) {
      addShared(inputs); // FAST-HEP hands over a copy for each partition
    }
    return inputs;
  }

  private void addShared(List<StageInput> inputs) {
    if (stages.hasShared()) {
      inputs.add(new StageInput(stages.id(Stages.SHARED), "values", Stages.SHARED));
    }
  }

  // Late sinks

  private void addSink(Node node) {
    List<StageInput> inputs = new ArrayList<>();
    inputs.add(new StageInput(stages.id(Stages.MERGE), "store", "store"));
    addShared(inputs);
    addReads(node, inputs);
    Map<String, @Nullable Object> params = params(node);
    stages.names(params);
    Stage.Builder stage = sink(node, params).scope(Scope.DATASET);
    stages.restrict(stage, datasets(node));
    workflow.stage(stage.needs(needs(node, inputs)).from(inputs).build());
  }

  private void addLastSink(Node node, int number) {
    String datasets = stages.id(Stages.DATASETS);
    List<StageInput> inputs = new ArrayList<>();
    inputs.add(new StageInput(datasets, "sink_" + number, "store"));
    inputs.add(new StageInput(datasets, "tree", "tree"));
    addReads(node, inputs);
    workflow.stage(sink(node, params(node))
        .scope(Scope.GLOBAL)
        .needs(needs(node, inputs))
        .from(inputs)
        .build());
  }

  private Map<String, @Nullable Object> params(Node node) {
    Map<String, @Nullable Object> params = stages.params();
    params.put("node", node.id());
    return params;
  }

  private Stage.Builder sink(Node node, Map<String, @Nullable Object> params) {
    boolean own = node.id().equals("stage." + node.stage());
    String id = stages.free(own ? node.stage() : node.id());
    sinks.put(node.id(), id);
    return stages
        .stage(id, "fasthep.sink", params, node.wish())
        .location(stages.place(node.stage()));
  }

  /** Adds what sinks that ran before gave to a sink: references, and the files that these are of. */
  private void addReads(Node node, List<StageInput> inputs) {
    Set<String> seen = new LinkedHashSet<>();
    for (Port port : chains.reads(node)) {
      Node producer = plan.node(port.node());
      if (producer == null || producer.role() != Role.SINK) {
        continue;
      }
      Chain chain = chains.chainOf(producer.id());
      String stage = chain != null ? stages.name(chain) : sinks.get(producer.id());
      if (stage == null || !seen.add(stage)) {
        continue;
      }
      boolean partly = node.when() == When.DATASET_END
          && !(chain != null ? chains.datasets(chain) : datasets(producer))
              .containsAll(datasets(node));
      StageInput tree = new StageInput(stage, "tree", "tree_" + inputs.size());
      inputs.add(partly ? tree.asOptional() : tree);
      if (producer.when() == node.when()) {
        StageInput edge = new StageInput(stage, "edge", "edge_" + inputs.size());
        inputs.add(partly ? edge.asOptional() : edge);
      }
    }
  }

  private String[] needs(Node node, List<StageInput> inputs) {
    return chains.waitsFor(node).stream()
        .map(sinks::get)
        .filter(stage ->
            stage != null && inputs.stream().noneMatch(input -> input.node().equals(stage)))
        .distinct()
        .toArray(String[]::new);
  }

  // Datasets

  private void addDatasets(List<Node> last) {
    Map<String, @Nullable Object> params = stages.params();
    params.put("sinks", last.stream().map(Node::id).toList());
    List<StageInput> inputs = new ArrayList<>();
    List<String> names = data.names(plan);
    if (!stages.cut()) {
      chains
          .all()
          .forEach(chain ->
              inputs.add(new StageInput(stages.name(chain), "edge", "edge_" + inputs.size())));
    } else if (stages.compatible() || names.size() <= HELD) {
      inputs.addAll(ofDatasets());
    } else {
      for (int at = 0; at < names.size(); at += HELD) {
        inputs.add(new StageInput(
            addPart(names.subList(at, Math.min(names.size(), at + HELD)), at / HELD),
            "part",
            "parts_" + inputs.size()));
      }
    }
    addShared(inputs);
    workflow.stage(stages
        .stage(stages.id(Stages.DATASETS), "fasthep.datasets", params, Wish.NONE)
        .scope(Scope.GLOBAL)
        .needs()
        .from(inputs)
        .build());
  }

  private String addPart(List<String> names, int number) {
    Map<String, @Nullable Object> params = stages.params();
    params.put("part", true);
    String id = stages.free(Stages.DATASETS + "_" + (number + 1));
    Stage.Builder stage =
        stages.stage(id, "fasthep.datasets", params, Wish.NONE).scope(Scope.GLOBAL);
    stages.restrict(stage, names);
    List<StageInput> inputs = ofDatasets();
    addShared(inputs);
    workflow.stage(stage.needs().from(inputs).build());
    return id;
  }

  private List<StageInput> ofDatasets() {
    List<StageInput> inputs = new ArrayList<>();
    inputs.add(new StageInput(stages.id(Stages.MERGE), "store", "stores"));
    sinks
        .values()
        .forEach(sink -> inputs.add(new StageInput(sink, "edge", "edges_" + inputs.size())));
    return inputs;
  }

  // Products

  private void addProducts(@Nullable String after) {
    List<StageInput> inputs = new ArrayList<>();
    for (Chain chain : chains.all()) {
      if (!stages.cut()) {
        inputs.add(new StageInput(stages.name(chain), "edge", "edge_" + inputs.size()));
      }
      inputs.add(new StageInput(stages.name(chain), "tree", "tree_" + inputs.size()));
    }
    if (stages.cut()) {
      inputs.add(new StageInput(stages.id(Stages.MERGE), "told", "told"));
    }
    if (stages.hasShared()) {
      inputs.add(new StageInput(stages.id(Stages.SHARED), "edge", "shared_edge"));
      inputs.add(new StageInput(stages.id(Stages.SHARED), "tree", "shared_tree"));
    }
    inputs.add(new StageInput(stages.id(Stages.DATASETS), "rest", "rest"));
    inputs.add(new StageInput(stages.id(Stages.DATASETS), "tree", "tree"));
    for (String sink : sinks.values()) {
      inputs.add(new StageInput(sink, "edge", "edge_" + inputs.size()));
      inputs.add(new StageInput(sink, "tree", "tree_" + inputs.size()));
    }
    workflow.stage(stages
        .here(stages.id(Stages.PRODUCTS), "fasthep.products", stages.ofProducts())
        .needs(after == null ? new String[0] : new String[] {after})
        .from(inputs)
        .build());
  }

  private String addReports() {
    String last = stages.id(Stages.PRODUCTS);
    for (int i = 0; i < plan.reports().size(); i++) {
      Map<String, @Nullable Object> params = stages.params();
      params.put("number", i);
      String id = stages.free("report." + plan.reports().get(i));
      workflow.stage(stages
          .here(id, "fasthep.report", params)
          .location(stages.placeOfReport(plan.reports().get(i)))
          .needs()
          .from(List.of(new StageInput(last, "report", "told")))
          .build());
      last = id;
    }
    return last;
  }
}
