package dev.muster.fasthep;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.fasthep.Chains.Chain;
import dev.muster.fasthep.FastHepPlan.Hook;
import dev.muster.fasthep.FastHepPlan.Node;
import dev.muster.fasthep.FastHepPlan.Port;
import dev.muster.fasthep.FastHepPlan.Wish;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes Muster's stages of one plan: {@code shared} for what runs once before all partitions, one for each chain, and
 * those that come after ({@link Ends}). What their tasks call is in the Python package. Not thread-safe.
 */
final class Stages {
  /** Implementations of the operations. */
  static final Registry REGISTRY = new Registry(
      Map.of(
          "fasthep.shared", "muster_fasthep.stages:shared",
          "fasthep.chain", "muster_fasthep.stages:chain",
          "fasthep.block", "muster_fasthep.stages:block",
          "fasthep.dataset", "muster_fasthep.stages:dataset",
          "fasthep.datasets", "muster_fasthep.stages:datasets",
          "fasthep.sink", "muster_fasthep.stages:sink",
          "fasthep.products", "muster_fasthep.stages:products",
          "fasthep.report", "muster_fasthep.stages:report"),
      Map.of());

  static final String SHARED = "shared";
  static final String MERGE = "merge";
  static final String DATASETS = "datasets";
  static final String PRODUCTS = "products";

  /**
   * What all plans of a workflow have in common.
   *
   * @param name of the workflow
   * @param compatible whether everything is as FAST-HEP does it, where that is wrong too
   * @param outdir where the products go, absolute, or null for the run's own folder
   * @param compiled the folder of the compile, whose files belong to the products
   * @param anyPool the pool of stages that ask for none, or null for Muster's own choice
   * @param ignored labels that no pool provides since there are no pools: requirements of them have no effect
   * @param retry how failed tasks are tried again
   * @param notes what Muster does otherwise than FAST-HEP
   * @param places where a stage stands in the file
   * @param reports where a report stands in the file
   */
  record Setting(
      String name,
      boolean compatible,
      @Nullable Path outdir,
      Path compiled,
      @Nullable String anyPool,
      boolean ignored,
      Retry retry,
      List<String> notes,
      Function<String, @Nullable SourceLocation> places,
      Function<String, @Nullable SourceLocation> reports) {}

  private final Setting setting;
  private final FastHepPlan plan;
  private final Data data;
  private final String prefix;
  private final Chains chains;
  private final boolean cut;
  private final Map<Chain, String> names = new LinkedHashMap<>();
  private final Set<String> taken = new LinkedHashSet<>(List.of(SHARED, MERGE, DATASETS, PRODUCTS));

  /**
   * @param prefix what the ids of its stages begin with; empty for a single plan
   */
  Stages(Setting setting, FastHepPlan plan, Data data, String prefix) {
    this.setting = setting;
    this.plan = plan;
    this.data = data;
    this.prefix = prefix;
    this.chains = Chains.of(plan, setting.compatible());
    this.cut = !plan.partitions().isEmpty();
    name();
  }

  private void name() {
    for (Chain chain : chains.all()) {
      List<String> candidates = chain.nodes().stream()
          .filter(node -> !node.stage().equals(node.id()))
          .map(Node::stage)
          .distinct()
          .toList();
      String name = candidates.isEmpty() ? chain.nodes().get(0).stage() : candidates.get(0);
      names.put(
          chain,
          free(candidates.stream()
              .filter(candidate -> !taken.contains(candidate))
              .findFirst()
              .orElse(name)));
    }
  }

  /** Returns the id of a stage that no other one has. */
  String free(String name) {
    String free = name;
    for (int i = 2; !taken.add(free); i++) {
      free = name + "_" + i;
    }
    return prefix + free;
  }

  /** Returns the id of a stage of this plan. */
  String id(String name) {
    return prefix + name;
  }

  boolean cut() {
    return cut;
  }

  boolean compatible() {
    return setting.compatible();
  }

  @Nullable
  SourceLocation place(String stage) {
    return setting.places().apply(stage);
  }

  @Nullable
  SourceLocation placeOfReport(String report) {
    return setting.reports().apply(report);
  }

  /**
   * Adds the stages to a workflow.
   *
   * @param after the stage for which {@code products} waits, or null
   * @return the id of the last one
   */
  String addTo(Workflow.Builder workflow, @Nullable String after) {
    checkHooks();
    List<Node> shared = chains.shared();
    if (cut && !shared.isEmpty()) {
      workflow.stage(shared(shared));
    }
    chains.all().forEach(chain -> workflow.stage(chain(chain)));
    return new Ends(this, plan, chains, data, workflow).add(after);
  }

  private void checkHooks() {
    boolean several = cut && chains.all().size() > 1;
    List<Problem> problems = new ArrayList<>();
    for (Hook hook : plan.hooks()) {
      if (hook.apart() != null) {
        problems.add(
            new Problem(
                null,
                "execution_hooks",
                "the hook '" + hook.kind() + "' listens to " + hook.apart()
                    + ": they come in different processes, so it does not see at the end what it saw before",
                "write it twice, each with some of these 'events', and let it tell by results() what it saw"));
      }
      if (several && hook.stateful()) {
        problems.add(
            new Problem(
                null,
                "execution_hooks",
                "the hook '" + hook.kind()
                    + "' keeps a state across all stages of a partition, but "
                    + names.values().stream()
                        .map(name -> "'" + name + "'")
                        .collect(Collectors.joining(", "))
                    + " ask for different workers, so they run in processes of their own",
                "give all stages the same require, prefer, fallback and no timeout, or remove the hook"));
      }
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  boolean hasShared() {
    return cut && !chains.shared().isEmpty();
  }

  private Stage shared(List<Node> nodes) {
    Map<String, @Nullable Object> params = params(nodes, chains.keptOfShared());
    List<Wish> wishes = nodes.stream().map(Node::wish).distinct().toList();
    if (wishes.size() > 1) {
      throw new WorkflowException(
          "",
          "the global stages " + nodes.stream().map(Node::stage).collect(Collectors.joining(", "))
              + " ask for different workers, but run together before all partitions",
          "give them the same execution");
    }
    Stage.Builder stage = stage(prefix + SHARED, "fasthep.shared", params, wishes.get(0))
        .scope(Scope.GLOBAL)
        .location(setting.places().apply(nodes.get(0).stage()));
    return stage.from(List.of()).build();
  }

  private Stage chain(Chain chain) {
    Map<String, @Nullable Object> params = params(chain.nodes(), chains.kept(chain));
    params.put("edge", ports(chains.leaving(chain)));
    Node first = chain.nodes().get(0);
    Stage.Builder stage = stage(name(chain), "fasthep.chain", params, chain.wish())
        .scope(cut ? Scope.PARTITION : Scope.GLOBAL)
        .location(place(chain, first));
    List<StageInput> inputs = new ArrayList<>();
    Set<Port> read = new LinkedHashSet<>();
    Set<String> waits = new LinkedHashSet<>();
    for (Node node : chain.nodes()) {
      read.addAll(chains.reads(node));
      waits.addAll(chains.waitsFor(node));
    }
    if (hasShared() && chains.keptOfShared().stream().anyMatch(read::contains)) {
      inputs.add(new StageInput(prefix + SHARED, "values", "input_" + inputs.size()));
    }
    List<String> needs = new ArrayList<>();
    for (Chain other : chains.all()) {
      if (other.equals(chain)) {
        continue;
      }
      if (chains.kept(other).stream().anyMatch(read::contains)) {
        inputs.add(input(name(other), "values", "input_" + inputs.size(), missing(other, chain)));
      } else if (other.nodes().stream().anyMatch(node -> waits.contains(node.id()))) {
        needs.add(name(other));
      }
    }
    if (cut) {
      params.put("offsets", data.offsets(plan));
      names(params);
      stage.params(params);
      restrict(stage, chains.datasets(chain));
    }
    return stage.needs(needs.toArray(String[]::new)).from(inputs).build();
  }

  private @Nullable SourceLocation place(Chain chain, Node first) {
    return chain.nodes().stream()
        .map(node -> setting.places().apply(node.stage()))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(setting.places().apply(first.stage()));
  }

  /** Tells whether a chain leaves out a dataset that its reader has. */
  private boolean missing(Chain producer, Chain reader) {
    return cut && !chains.datasets(producer).containsAll(chains.datasets(reader));
  }

  private static StageInput input(String stage, String port, String name, boolean optional) {
    StageInput input = new StageInput(stage, port, name);
    return optional ? input.asOptional() : input;
  }

  /** Returns the parameters of {@code products}. */
  Map<String, @Nullable Object> ofProducts() {
    Map<String, @Nullable Object> params = params();
    params.put("outdir", setting.outdir() == null ? null : setting.outdir().toString());
    params.put("compiled", setting.compiled().toString());
    Map<String, @Nullable Object> summary = new LinkedHashMap<>();
    summary.put("workflow", setting.name());
    summary.put("compatible", setting.compatible());
    summary.put("notes", setting.notes());
    params.put("summary", summary);
    return params;
  }

  /** Returns the parameters that all stages have. */
  Map<String, @Nullable Object> params() {
    Map<String, @Nullable Object> params = new LinkedHashMap<>();
    params.put("plan", plan.name());
    params.put("compatible", setting.compatible());
    return params;
  }

  private Map<String, @Nullable Object> params(List<Node> nodes, List<Port> keep) {
    Map<String, @Nullable Object> params = params();
    params.put("nodes", nodes.stream().map(Node::id).toList());
    params.put("keep", ports(keep));
    return params;
  }

  void names(Map<String, @Nullable Object> params) {
    Map<String, String> others = data.otherNames(plan);
    if (!others.isEmpty()) {
      params.put("names", others);
    }
  }

  private static List<List<String>> ports(List<Port> ports) {
    return ports.stream().map(Port::toList).toList();
  }

  String name(Chain chain) {
    return Objects.requireNonNull(names.get(chain), "every chain has a name");
  }

  /** Lets a stage take part in some datasets only. */
  void restrict(Stage.Builder stage, List<String> datasets) {
    List<String> own = datasets.stream()
        .filter(data.names(plan)::contains)
        .map(name -> data.name(plan, name))
        .toList();
    if (own.size() < data.size()) {
      stage.appliesTo(Map.of("name", own));
    }
  }

  /** Begins a stage of this host. Its tasks are tried again here: no larger pool is. */
  Stage.Builder here(String id, String op, Map<String, @Nullable Object> params) {
    Retry retry = setting.retry();
    return stage(id, op, params, Wish.NONE)
        .scope(Scope.GLOBAL)
        .backend("local")
        .retry(new Retry(retry.max(), retry.backoff(), null));
  }

  Stage.Builder stage(String id, String op, Map<String, @Nullable Object> params, Wish wish) {
    Stage.Builder stage = Stage.builder(id).op(op).params(params).retry(setting.retry());
    if (wish.timeout() != null) {
      stage.timeout(wish.timeout());
    }
    if (!setting.ignored() && wish.require() != null) {
      return stage.require(wish.require());
    }
    if (!setting.ignored() && wish.prefer() != null) {
      return stage.requirement(new Requirement.Prefer(wish.prefer(), wish.fallback()));
    }
    return setting.anyPool() == null ? stage : stage.require(setting.anyPool());
  }
}
