package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Layer;
import dev.muster.execution.Layers;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Joins a workflow with an execution: merges the layers, cuts the data, routes the stages and links them.
 *
 * <p>Pure and deterministic: it reads nothing but its arguments. Not thread-safe inside; the static method is.
 *
 * @since 0.1
 */
public final class Planner {
  private final Workflow workflow;
  private final List<Stage> stages;
  private final Map<String, Integer> indexOf;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  private Planner(Workflow workflow) {
    this.workflow = workflow;
    this.stages = workflow.stages();
    this.indexOf = new HashMap<>(stages.size() * 2);
    for (int i = 0; i < stages.size(); i++) {
      indexOf.put(stages.get(i).id(), i);
    }
  }

  /**
   * Plans a workflow.
   *
   * @param lowestFirst the layers of the execution, the lowest first
   * @param machine the machine that stands in where no pools are described
   * @throws WorkflowException if it cannot be planned; lists all problems
   */
  public static Plan plan(Workflow workflow, List<Layer> lowestFirst, Machine machine) {
    return new Planner(workflow).planned(lowestFirst, machine);
  }

  private Plan planned(List<Layer> layers, Machine machine) {
    EffectiveExecution execution = null;
    try {
      execution = Layers.merge(layers);
    } catch (WorkflowException e) {
      problems.addAll(e.problems());
    }
    if (stages.isEmpty()) {
      problems.add(new Problem(null, "", "workflow " + workflow.name() + " has no stages", null));
    }
    PartitionTable partitions = partitions();
    TaskGroup[] groups = groups(partitions);
    List<List<Dependency>> dependencies = dependencies();
    int[] order = order(dependencies);
    Router router = execution == null ? null : Router.compile(execution, machine);
    Route[] routes = new Route[stages.size()];
    if (router != null) {
      for (int i = 0; i < routes.length; i++) {
        Router.Answer answer = router.find(stages.get(i));
        if (answer instanceof Router.Missing missing) {
          problems.add(missing.problem(stages.get(i)));
        } else {
          routes[i] = ((Router.Found) answer).route();
        }
        checkEscalation(stages.get(i), router);
      }
    }
    if (!problems.isEmpty() || execution == null || router == null) {
      throw new WorkflowException(problems);
    }
    return assembled(execution, partitions, groups, dependencies, order, router, routes);
  }

  private void checkEscalation(Stage stage, Router router) {
    String label = stage.retry().escalate();
    if (label != null && router.escalation(stage, label) == null) {
      problem(
          stage,
          ".execution.retry.escalate",
          "no pool provides the label '" + label + "'",
          Suggestions.didYouMean(label, router.labels()));
    }
  }

  private Plan assembled(
      EffectiveExecution execution,
      PartitionTable partitions,
      TaskGroup[] groups,
      List<List<Dependency>> dependencies,
      int[] order,
      Router router,
      Route[] routes) {
    int count = stages.size();
    List<ImmutableList.Builder<Link>> outgoing = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      outgoing.add(ImmutableList.builder());
    }
    List<ImmutableList<Link>> incoming = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ImmutableList.Builder<Link> links = ImmutableList.builder();
      for (Dependency dependency : dependencies.get(i)) {
        int producer = dependency.producer();
        Link link = new Link(
            producer, i, groups[producer], groups[i], ImmutableList.copyOf(dependency.inputs()));
        links.add(link);
        outgoing.get(producer).add(link);
      }
      incoming.add(links.build());
    }
    ImmutableList.Builder<PlannedStage> planned = ImmutableList.builderWithExpectedSize(count);
    Map<String, PlannedStage> byId = new HashMap<>(count * 2);
    long first = 0;
    for (int i = 0; i < count; i++) {
      PlannedStage stage = new PlannedStage(
          i,
          stages.get(i),
          Objects.requireNonNull(routes[i]),
          groups[i],
          (int) first,
          incoming.get(i),
          outgoing.get(i).build());
      planned.add(stage);
      byId.put(stage.id(), stage);
      first += groups[i].size();
      if (first > Plan.MAX_TASKS) {
        throw new WorkflowException("the plan has more than " + Plan.MAX_TASKS
            + " tasks; cut the data into larger partitions");
      }
    }
    return new Plan(
        workflow,
        execution,
        planned.build(),
        byId,
        partitions,
        router,
        order,
        ImmutableList.copyOf(warnings));
  }

  // Data

  private PartitionTable partitions() {
    ImmutableList.Builder<Partition> table = ImmutableList.builder();
    List<Dataset> datasets = workflow.datasets();
    int[] offsets = new int[datasets.size() + 1];
    Set<String> names = new HashSet<>();
    int next = 0;
    for (int d = 0; d < datasets.size(); d++) {
      Dataset dataset = datasets.get(d);
      if (!names.add(dataset.name())) {
        problems.add(new Problem(
            null, "data.datasets", "two datasets are named '" + dataset.name() + "'", null));
      }
      next = cut(dataset, next, table);
      offsets[d + 1] = next;
    }
    return new PartitionTable(table.build(), offsets);
  }

  private int cut(Dataset dataset, int firstIndex, ImmutableList.Builder<Partition> table) {
    int index = firstIndex;
    List<String> files = dataset.files();
    if (workflow.partitioning() instanceof Partitioning.Files by) {
      for (int i = 0; i < files.size(); i += by.files()) {
        int end = Math.min(files.size(), i + by.files());
        table.add(new Partition(index++, dataset.name(), files.subList(i, end), 0, -1));
      }
      return index;
    }
    long size = ((Partitioning.Events) workflow.partitioning()).events();
    if (dataset.events().isEmpty() && !files.isEmpty()) {
      problems.add(new Problem(
          null,
          "data.datasets",
          "dataset '" + dataset.name()
              + "' cannot be cut by events: it does not say how many it has",
          "give nevents, one number for each file, or partition by file"));
      return index;
    }
    for (int i = 0; i < files.size(); i++) {
      long events = dataset.events().get(i);
      if (events / size > Plan.MAX_TASKS - index) {
        problems.add(new Problem(
            null,
            "data.partition",
            "dataset '" + dataset.name() + "' makes too many partitions",
            "ask for more events in each"));
        return index;
      }
      for (long from = 0; from < events; from += size) {
        long share = Math.min(size, events - from);
        table.add(new Partition(index++, dataset.name(), List.of(files.get(i)), from, share));
      }
    }
    return index;
  }

  private TaskGroup[] groups(PartitionTable partitions) {
    int datasetCount = workflow.datasets().size();
    int[] sizes = new int[datasetCount];
    int[] all = new int[datasetCount];
    for (int d = 0; d < datasetCount; d++) {
      sizes[d] = partitions.count(d);
      all[d] = d;
    }
    Map<GroupKey, TaskGroup> shared = new HashMap<>();
    TaskGroup[] groups = new TaskGroup[stages.size()];
    for (int i = 0; i < groups.length; i++) {
      Stage stage = stages.get(i);
      Scope scope = stage.scope();
      if (scope == null) {
        scope = datasetCount == 0 ? Scope.GLOBAL : Scope.PARTITION;
      } else if (scope != Scope.GLOBAL && datasetCount == 0) {
        problem(
            stage,
            ".scope",
            "scope " + scope.name().toLowerCase(java.util.Locale.ROOT)
                + " needs data, and the workflow has none",
            "add data.datasets, or leave the scope out");
        scope = Scope.GLOBAL;
      }
      int[] selected = stage.appliesTo().isEmpty() ? all : selected(stage);
      groups[i] = shared.computeIfAbsent(
          new GroupKey(scope, Arrays.stream(selected).boxed().toList()),
          key -> new TaskGroup(key.scope(), selected, sizes));
    }
    return groups;
  }

  private record GroupKey(Scope scope, List<Integer> datasets) {}

  private int[] selected(Stage stage) {
    List<Dataset> datasets = workflow.datasets();
    int[] selected = new int[datasets.size()];
    int count = 0;
    for (int d = 0; d < datasets.size(); d++) {
      if (applies(stage, datasets.get(d))) {
        selected[count++] = d;
      }
    }
    if (count == 0) {
      warnings.add(new Problem(
          stage.location(),
          "stage " + stage.id() + ".applies_to",
          "no dataset has " + stage.appliesTo() + "; the stage has nothing to do",
          null));
    }
    return Arrays.copyOf(selected, count);
  }

  private static boolean applies(Stage stage, Dataset dataset) {
    for (Map.Entry<String, @Nullable Object> wanted : stage.appliesTo().entrySet()) {
      Object value = wanted.getKey().equals("name")
          ? dataset.name()
          : dataset.attributes().get(wanted.getKey());
      boolean match = wanted.getValue() instanceof List<?> anyOf
          ? anyOf.contains(value)
          : Objects.equals(wanted.getValue(), value);
      if (!match) {
        return false;
      }
    }
    return true;
  }

  // Dependencies

  private record Dependency(int producer, List<StageInput> inputs) {}

  private List<List<Dependency>> dependencies() {
    List<List<Dependency>> all = new ArrayList<>(stages.size());
    for (int i = 0; i < stages.size(); i++) {
      all.add(dependencies(i));
    }
    return all;
  }

  private List<Dependency> dependencies(int index) {
    Stage stage = stages.get(index);
    List<String> needs = stage.needs();
    if (needs == null) {
      needs = index == 0 ? List.of() : List.of(stages.get(index - 1).id());
    }
    List<StageInput> inputs = stage.from();
    if (inputs == null) {
      inputs = needs.stream().map(StageInput::of).toList();
    }
    Map<Integer, List<StageInput>> byProducer = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    for (StageInput input : inputs) {
      Integer producer = known(stage, input.node(), stage.from() == null ? ".needs" : ".from");
      if (producer != null) {
        byProducer.computeIfAbsent(producer, key -> new ArrayList<>(1)).add(input);
      }
      if (stage.from() != null && !names.add(input.name())) {
        problem(
            stage,
            ".from",
            "two inputs are named '" + input.name() + "'",
            "tell them apart with 'as'");
      }
    }
    for (String need : needs) {
      Integer producer = stage.from() == null ? indexOf.get(need) : known(stage, need, ".needs");
      if (producer != null) {
        byProducer.computeIfAbsent(producer, key -> new ArrayList<>(0));
      }
    }
    List<Dependency> result = new ArrayList<>(byProducer.size());
    byProducer.forEach((producer, from) -> result.add(new Dependency(producer, from)));
    return result;
  }

  private @Nullable Integer known(Stage stage, String id, String path) {
    Integer index = indexOf.get(id);
    if (index == null) {
      problem(
          stage,
          path,
          "there is no stage '" + id + "'",
          Suggestions.didYouMean(id, indexOf.keySet()));
    }
    return index;
  }

  /** Returns the stages in an order in which they can run; of those that could be next, the author's first. */
  private int[] order(List<List<Dependency>> dependencies) {
    int count = stages.size();
    int[] waiting = new int[count];
    List<List<Integer>> dependents = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      dependents.add(new ArrayList<>(1));
    }
    for (int i = 0; i < count; i++) {
      for (Dependency dependency : dependencies.get(i)) {
        waiting[i]++;
        dependents.get(dependency.producer()).add(i);
      }
    }
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < count; i++) {
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    int[] order = new int[count];
    int done = 0;
    while (!ready.isEmpty()) {
      int next = ready.remove();
      order[done++] = next;
      for (int dependent : dependents.get(next)) {
        if (--waiting[dependent] == 0) {
          ready.add(dependent);
        }
      }
    }
    if (done < count) {
      cycle(dependencies, waiting);
    }
    return order;
  }

  // Every stage that still waits has a dependency that still waits: following these ends in a
  // cycle.
  private void cycle(List<List<Dependency>> dependencies, int[] waiting) {
    int at = 0;
    while (waiting[at] == 0) {
      at++;
    }
    ArrayDeque<Integer> path = new ArrayDeque<>();
    Set<Integer> seen = new HashSet<>();
    while (seen.add(at)) {
      path.addLast(at);
      for (Dependency dependency : dependencies.get(at)) {
        if (waiting[dependency.producer()] > 0) {
          at = dependency.producer();
          break;
        }
      }
    }
    while (path.getFirst() != at) {
      path.removeFirst();
    }
    StringBuilder text = new StringBuilder("the stages wait for each other: ");
    for (int stage : path) {
      text.append(stages.get(stage).id()).append(" -> ");
    }
    problem(
        stages.get(at),
        ".needs",
        text.append(stages.get(at).id()).toString(),
        "remove one of these needs");
  }

  private void problem(Stage stage, String path, String message, @Nullable String suggestion) {
    problems.add(new Problem(stage.location(), "stage " + stage.id() + path, message, suggestion));
  }
}
