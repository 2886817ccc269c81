package dev.muster.spi;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.MissingInput;
import dev.muster.workflow.Partition;
import dev.muster.workflow.StageInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds what tasks go without whose stage tolerates that inputs are missing: the same on every backend.
 *
 * @since 0.1
 */
public final class MissingInputs {
  private MissingInputs() {}

  /**
   * Returns what a task goes without, by input; empty if nothing is missing, or nothing may be.
   *
   * @param missing tells of a task that it has no output
   */
  public static Map<String, List<MissingInput>> of(
      Plan plan, PlannedStage stage, int task, IntPredicate missing) {
    if (stage.stage().tolerate() == null) {
      return Map.of();
    }
    Map<String, List<MissingInput>> found = new LinkedHashMap<>();
    for (Link link : stage.incoming()) {
      if (stage.tolerates(link)) {
        List<MissingInput> absent = absent(plan, link, task - stage.firstTask(), missing);
        if (!absent.isEmpty()) {
          for (StageInput input : link.inputs()) {
            found.computeIfAbsent(input.name(), name -> new ArrayList<>()).addAll(absent);
          }
        }
      }
    }
    return found;
  }

  private static List<MissingInput> absent(Plan plan, Link link, int local, IntPredicate missing) {
    int first = plan.stages().get(link.producer()).firstTask();
    List<MissingInput> absent = new ArrayList<>();
    link.dependencies(local, (from, to) -> {
      for (int task = first + from; task < first + to; task++) {
        if (missing.test(task)) {
          absent.add(
              new MissingInput(plan.nameOf(task), plan.partitionOf(task), plan.datasetOf(task)));
        }
      }
    });
    return absent;
  }

  /**
   * Returns the same as a function in Python sees it: by input, a list of mappings with {@code task}, {@code
   * partition} and {@code dataset}, its name.
   */
  public static Map<String, Object> described(Map<String, List<MissingInput>> missing) {
    Map<String, Object> described = new LinkedHashMap<>();
    missing.forEach((name, items) ->
        described.put(name, items.stream().map(MissingInputs::described).toList()));
    return described;
  }

  private static Map<String, @Nullable Object> described(MissingInput missing) {
    Partition partition = missing.partition();
    Dataset dataset = missing.dataset();
    Map<String, @Nullable Object> described = new LinkedHashMap<>();
    described.put("task", missing.task());
    described.put(
        "partition",
        partition == null
            ? null
            : Map.of(
                "index", partition.index(),
                "dataset", partition.dataset(),
                "files", partition.files(),
                "first_event", partition.firstEvent(),
                "events", partition.events()));
    described.put("dataset", dataset == null ? null : dataset.name());
    return described;
  }
}
