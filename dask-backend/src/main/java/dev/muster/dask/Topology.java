package dev.muster.dask;

import dev.muster.plan.Link;
import dev.muster.plan.Pattern;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which stages of one session read which, and what data each task stands for. Immutable and thread-safe. */
final class Topology {
  private final Plan plan;
  private final BitSet here = new BitSet();
  private final int[] depths;
  private final Map<String, Integer> datasets = new LinkedHashMap<>();

  /**
   * What the tasks of a stage read.
   *
   * @param described the links that carry outputs
   * @param inputs for each input its name, its port, the number of its link, whether nothing else reads what it
   *     reads, and whether that may be a bare value instead of the port
   */
  record Links(List<Map<String, Object>> described, List<List<@Nullable Object>> inputs) {}

  Topology(BackendContext context) {
    plan = context.plan();
    context.stages().forEach(stage -> here.set(stage.index()));
    depths = depths(plan);
    for (Dataset dataset : plan.workflow().datasets()) {
      datasets.put(dataset.name(), datasets.size());
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

  /** Tells whether a stage is one of this session. */
  boolean here(int stage) {
    return here.get(stage);
  }

  /** Returns the number of stages on the longest way from a stage without inputs to this one. */
  int depth(int stage) {
    return depths[stage];
  }

  /** Returns the links of a stage that carry outputs; others only order tasks, which the engine does. */
  static List<Link> reading(PlannedStage stage) {
    return stage.incoming().stream().filter(link -> !link.inputs().isEmpty()).toList();
  }

  /** Returns what the tasks of a stage read, in the bridge's terms. */
  Links links(PlannedStage stage, Readers readers) {
    Links links = new Links(new ArrayList<>(), new ArrayList<>());
    for (Link link : reading(stage)) {
      List<Integer> positions = new ArrayList<>();
      for (StageInput input : link.inputs()) {
        positions.add(links.inputs().size());
        List<@Nullable Object> described = new ArrayList<>();
        described.add(input.name());
        described.add(input.port());
        described.add(links.described().size());
        described.add(readers.alone(link, input));
        String sole = plan.stages().get(link.producer()).solePort();
        described.add(input.port() != null && input.port().equals(sole));
        links.inputs().add(described);
      }
      links
          .described()
          .add(Map.of(
              "producer", link.producer(),
              "identity", link.identity(),
              "first", firstTask(link),
              "here", here(link.producer()),
              "many", link.pattern() == Pattern.GATHER,
              "inputs", positions));
    }
    return links;
  }

  /** Returns the number of the first task of a link's producer. */
  int firstTask(Link link) {
    return plan.stages().get(link.producer()).firstTask();
  }

  /** Returns the datasets in the bridge's terms, by number. */
  List<Map<String, @Nullable Object>> datasets() {
    List<Map<String, @Nullable Object>> described = new ArrayList<>();
    for (Dataset dataset : plan.workflow().datasets()) {
      Map<String, @Nullable Object> made = new LinkedHashMap<>();
      made.put("name", dataset.name());
      made.put("files", dataset.files());
      made.put("events", dataset.events());
      made.put("attributes", dataset.attributes());
      described.add(made);
    }
    return described;
  }

  /** Returns the number of a dataset. */
  int dataset(String name) {
    return datasets.getOrDefault(name, -1);
  }

  /**
   * Returns the place of a task: the number of its partition or dataset, or -1.
   *
   * @param partition the task's partition, or null if it has none
   */
  int place(PlannedStage stage, int task, @Nullable Partition partition) {
    if (partition != null) {
      return partition.index();
    }
    Dataset dataset = stage.scope() == Scope.DATASET ? plan.datasetOf(task) : null;
    return dataset == null ? -1 : dataset(dataset.name());
  }
}
