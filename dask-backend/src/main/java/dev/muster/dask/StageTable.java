package dev.muster.dask;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.plan.Link;
import dev.muster.plan.Pattern;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.spi.BackendContext;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stages and routes of one session, in the bridge's terms. Immutable and thread-safe once made. */
final class StageTable {
  private final BackendContext context;
  private final Plan plan;
  private final BitSet here = new BitSet();
  private final BitSet leavesNothing = new BitSet();
  private final Map<RouteKey, Integer> routes = new LinkedHashMap<>();
  private final List<Map<String, Object>> routeList = new ArrayList<>();
  private final List<Map<String, @Nullable Object>> stages = new ArrayList<>();
  private final int[] depths;

  private record RouteKey(Map<String, Double> resources, List<String> pools) {
    static RouteKey of(Route route) {
      return new RouteKey(
          route.annotations().resources(),
          route.pools().stream().map(Pool::name).toList());
    }
  }

  /**
   * Makes the table.
   *
   * @throws WorkflowException if a stage cannot run on Dask; lists all problems
   */
  StageTable(BackendContext context) {
    this.context = context;
    this.plan = context.plan();
    this.depths = depths(plan);
    context.stages().forEach(stage -> here.set(stage.index()));
    for (PlannedStage stage : context.stages()) {
      route(stage.route());
      if (stage.stage().retry().escalate() != null) {
        route(plan.escalationOf(stage));
      }
    }
    List<Problem> problems = new ArrayList<>();
    WorkerCode code = new WorkerCode(context, problems);
    for (PlannedStage stage : context.stages()) {
      leavesNothing.set(stage.index(), fetched(stage) && !readHere(stage));
      Map<String, @Nullable Object> made = stage(stage, code.of(stage));
      if (made != null) {
        stages.add(made);
      }
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  private static int[] depths(Plan plan) {
    int[] depths = new int[plan.stages().size()];
    for (PlannedStage stage : plan.stagesInOrder()) {
      for (Link link : stage.incoming()) {
        depths[stage.index()] = Math.max(depths[stage.index()], depths[link.producer()] + 1);
      }
    }
    return depths;
  }

  boolean here(int stage) {
    return here.get(stage);
  }

  List<Map<String, @Nullable Object>> stages() {
    return stages;
  }

  List<Map<String, Object>> routes() {
    return routeList;
  }

  /** Returns a route's number. */
  int route(Route route) {
    RouteKey key = RouteKey.of(route);
    Integer known = routes.get(key);
    if (known != null) {
      return known;
    }
    routes.put(key, routeList.size());
    routeList.add(Map.of("resources", key.resources(), "pools", key.pools()));
    return routeList.size() - 1;
  }

  /** Returns the datasets, with the number of the first partition of each. */
  List<Map<String, @Nullable Object>> datasets() {
    List<Map<String, @Nullable Object>> datasets = new ArrayList<>();
    int first = 0;
    for (Dataset dataset : plan.workflow().datasets()) {
      Map<String, @Nullable Object> made = new LinkedHashMap<>();
      made.put("name", dataset.name());
      made.put("files", dataset.files());
      made.put("events", dataset.events());
      made.put("attributes", dataset.attributes());
      made.put("folder", fileName(dataset.name()));
      made.put("first", first);
      datasets.add(made);
      first = endOf(dataset.name(), first);
    }
    return datasets;
  }

  // Partitions lie dataset by dataset.
  private int endOf(String dataset, int first) {
    int low = first;
    int high = plan.partitionCount();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (plan.partition(middle).dataset().equals(dataset)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  static String fileName(String text) {
    String safe = text.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^\\.", "_");
    return safe.equals(text) && safe.length() <= 90
        ? safe
        : safe.substring(0, Math.min(80, safe.length())) + "-"
            + Integer.toHexString(text.hashCode());
  }

  private @Nullable Map<String, @Nullable Object> stage(
      PlannedStage planned, @Nullable Map<String, @Nullable Object> code) {
    List<Map<String, Object>> links = new ArrayList<>();
    List<List<@Nullable Object>> inputs = new ArrayList<>();
    for (Link link : planned.incoming()) {
      if (link.inputs().isEmpty()) {
        continue;
      }
      List<Integer> positions = new ArrayList<>();
      for (StageInput input : link.inputs()) {
        positions.add(inputs.size());
        List<@Nullable Object> described = new ArrayList<>();
        described.add(input.name());
        described.add(input.port());
        described.add(links.size());
        inputs.add(described);
      }
      links.add(Map.of(
          "producer", link.producer(),
          "identity", link.identity(),
          "first", plan.stages().get(link.producer()).firstTask(),
          "here", here.get(link.producer()),
          "many", link.pattern() == Pattern.GATHER,
          "inputs", positions));
    }
    if (code == null) {
      return null;
    }
    code.put("inputs", inputs);
    code.put("explicit", planned.stage().from() != null);
    Map<String, @Nullable Object> made = new LinkedHashMap<>();
    made.put("index", planned.index());
    made.put("first", planned.firstTask());
    made.put("next", next(planned));
    made.put("depth", depths[planned.index()]);
    made.put("fetch", fetched(planned));
    made.put("read_here", readHere(planned));
    made.put("keep", readAgain(planned));
    made.put("scope", planned.scope().name().toLowerCase(Locale.ROOT));
    made.put("folder", folder(planned));
    made.put("links", links);
    made.put("code", code);
    return made;
  }

  private String folder(PlannedStage stage) {
    return stage.taskCount() == 0
        ? fileName(stage.id())
        : context
            .directory()
            .relativize(context.folder(stage.firstTask()))
            .getName(0)
            .toString();
  }

  /** Tells whether nothing of a stage's output is left on Dask once it has come to this JVM. */
  boolean leavesNothing(int stage) {
    return leavesNothing.get(stage);
  }

  /** Tells whether outputs of a stage come to this JVM: for stages elsewhere, or as results. */
  boolean fetched(PlannedStage stage) {
    boolean read = false;
    for (Link link : stage.outgoing()) {
      if (!link.inputs().isEmpty()) {
        read = true;
        if (!here.get(link.consumer())) {
          return true;
        }
      }
    }
    return !read || context.keepsValues();
  }

  /** Tells whether outputs of a stage are read by stages of this session. */
  private boolean readHere(PlannedStage stage) {
    return stage.outgoing().stream()
        .anyMatch(link -> !link.inputs().isEmpty() && here.get(link.consumer()));
  }

  /** Tells whether a stage of this session that reads outputs of a stage may read them once more, for another attempt. */
  private boolean readAgain(PlannedStage stage) {
    return stage.outgoing().stream()
        .filter(link -> !link.inputs().isEmpty() && here.get(link.consumer()))
        .anyMatch(link -> plan.stages().get(link.consumer()).stage().retry().max() > 0);
  }

  /** Returns the stage whose tasks can follow those of {@code stage} at once on the same worker, or -1. */
  private int next(PlannedStage stage) {
    if (stage.outgoing().size() != 1 || fetched(stage)) {
      return -1;
    }
    Link link = stage.outgoing().get(0);
    PlannedStage consumer = plan.stages().get(link.consumer());
    boolean fits = link.identity()
        && !link.inputs().isEmpty()
        && here.get(consumer.index())
        && consumer.incoming().size() == 1
        && RouteKey.of(consumer.route()).equals(RouteKey.of(stage.route()));
    return fits ? consumer.index() : -1;
  }

  /** Returns the place of a task: the number of its partition or dataset, or -1. */
  int place(PlannedStage stage, int task) {
    if (stage.scope() == Scope.GLOBAL) {
      return -1;
    }
    if (stage.scope() == Scope.PARTITION) {
      var partition = plan.partitionOf(task);
      return partition == null ? -1 : partition.index();
    }
    Dataset dataset = plan.datasetOf(task);
    return dataset == null ? -1 : plan.workflow().datasets().indexOf(dataset);
  }
}
