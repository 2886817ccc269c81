package dev.muster.fasthep;

import dev.muster.fasthep.FastHepPlan.PlanDataset;
import dev.muster.fasthep.FastHepPlan.PlanPartition;
import dev.muster.workflow.Dataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The datasets of all plans of a workflow, in the order of their first partitions: FAST-HEP merges them so. Each has
 * one file for each partition of FAST-HEP's, so that Muster's partitions are FAST-HEP's. Plans that are cut alike
 * share them; others have datasets of their own, named {@code <variation>.<dataset>}. Immutable.
 */
final class Data {
  private final Map<String, Map<String, List<String>>> files = new LinkedHashMap<>();
  private final Map<String, Integer> offsets = new LinkedHashMap<>();
  private final List<Dataset> datasets = new ArrayList<>();
  private final boolean apart;

  /**
   * @param compatible whether partitions that repeat the events of another one stay
   */
  Data(List<FastHepPlan> plans, boolean compatible) {
    plans.forEach(plan -> files.put(plan.name(), files(plan, compatible)));
    apart = files.values().stream().distinct().count() > 1;
    int next = 0;
    for (FastHepPlan plan : apart ? plans : plans.subList(0, 1)) {
      for (Map.Entry<String, List<String>> each : filesOf(plan).entrySet()) {
        String name = name(plan, each.getKey());
        offsets.put(name, next);
        datasets.add(
            new Dataset(name, each.getValue(), List.of(), attributes(plan, each.getKey())));
        next += each.getValue().size();
      }
    }
  }

  private static Map<String, List<String>> files(FastHepPlan plan, boolean compatible) {
    Map<String, List<String>> byDataset = new LinkedHashMap<>();
    for (PlanPartition partition : plan.partitions()) {
      if (compatible || !partition.repeated()) {
        byDataset
            .computeIfAbsent(partition.dataset(), name -> new ArrayList<>())
            .add(partition.file());
      }
    }
    return byDataset;
  }

  private static Map<String, @Nullable Object> attributes(FastHepPlan plan, String name) {
    Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
    for (PlanDataset dataset : plan.datasets()) {
      if (dataset.name().equals(name)) {
        attributes.put("eventtype", dataset.eventtype());
        attributes.put("group", dataset.group());
      }
    }
    attributes.values().removeIf(Objects::isNull);
    return attributes;
  }

  private Map<String, List<String>> filesOf(FastHepPlan plan) {
    return Objects.requireNonNull(files.get(plan.name()), "a plan of this workflow");
  }

  /** Returns the datasets of the workflow. */
  List<Dataset> datasets() {
    return datasets;
  }

  /** Returns how many there are. */
  int size() {
    return datasets.size();
  }

  /** Returns how many partitions the largest of a plan's datasets has. */
  int largest(FastHepPlan plan) {
    return filesOf(plan).values().stream().mapToInt(List::size).max().orElse(0);
  }

  /** Returns the names that FAST-HEP has for a plan's datasets that have partitions. */
  List<String> names(FastHepPlan plan) {
    return List.copyOf(filesOf(plan).keySet());
  }

  /** Returns Muster's name of a plan's dataset. */
  String name(FastHepPlan plan, String dataset) {
    return apart ? plan.name() + "." + dataset : dataset;
  }

  /** Returns the number of the first partition of each of a plan's datasets, by Muster's name. */
  Map<String, Integer> offsets(FastHepPlan plan) {
    Map<String, Integer> own = new LinkedHashMap<>();
    for (String dataset : filesOf(plan).keySet()) {
      String name = name(plan, dataset);
      own.put(name, Objects.requireNonNull(offsets.get(name), name));
    }
    return own;
  }

  /** Returns FAST-HEP's names of a plan's datasets by Muster's; empty if they are the same. */
  Map<String, String> otherNames(FastHepPlan plan) {
    Map<String, String> names = new LinkedHashMap<>();
    if (apart) {
      filesOf(plan).keySet().forEach(dataset -> names.put(name(plan, dataset), dataset));
    }
    return names;
  }
}
