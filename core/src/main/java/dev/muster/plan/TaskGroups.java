package dev.muster.plan;

import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Works out which tasks each stage has; stages of the same shape share one group. Not thread-safe. */
final class TaskGroups {
  private final List<Dataset> datasets;
  private final int[] partitionsOf;
  private final Findings findings;
  private final Map<Map<String, @Nullable Object>, BitSet> selections = new HashMap<>();
  private final Map<Shape, TaskGroup> groups = new HashMap<>();

  private TaskGroups(Workflow workflow, PartitionTable partitions, Findings findings) {
    this.datasets = workflow.datasets();
    this.findings = findings;
    partitionsOf = new int[datasets.size()];
    for (int d = 0; d < partitionsOf.length; d++) {
      partitionsOf[d] = partitions.count(d);
    }
  }

  /** Returns the tasks of each stage of a workflow. */
  static TaskGroup[] of(Workflow workflow, PartitionTable partitions, Findings findings) {
    TaskGroups groups = new TaskGroups(workflow, partitions, findings);
    return workflow.stages().stream().map(groups::of).toArray(TaskGroup[]::new);
  }

  /** Returns one task for each stage. */
  static TaskGroup[] single(int stages) {
    TaskGroup[] groups = new TaskGroup[stages];
    Arrays.fill(groups, new TaskGroup(Scope.GLOBAL, 0, new int[0], new int[0]));
    return groups;
  }

  private record Shape(Scope scope, int block, BitSet datasets) {
    // Written out: what Java makes for a record is put together at run time, for milliseconds.
    @Override
    public int hashCode() {
      return 31 * (31 * scope.hashCode() + block) + datasets.hashCode();
    }
  }

  private TaskGroup of(Stage stage) {
    Scope scope = scope(stage);
    int block = scope == Scope.DATASET ? stage.block() : 0;
    if (stage.block() > 0 && stage.scope() != Scope.DATASET) {
      findings.problem(
          stage,
          ".block",
          "block says how many partitions of a dataset a task stands for, and the scope is not dataset",
          "write scope: dataset, or leave block out");
    }
    BitSet selected = selections.computeIfAbsent(stage.appliesTo(), this::select);
    if (selected.isEmpty() && !stage.appliesTo().isEmpty() && !findings.dataUnread()) {
      findings.warning(
          stage,
          ".applies_to",
          "no dataset has " + stage.appliesTo() + "; the stage "
              + (scope == Scope.GLOBAL ? "gathers nothing" : "has no tasks"),
          unknownAttribute(stage));
    }
    return groups.computeIfAbsent(
        new Shape(scope, block, selected),
        shape -> new TaskGroup(scope, block, selected.stream().toArray(), partitionsOf));
  }

  private Scope scope(Stage stage) {
    Scope scope = stage.scope();
    if (scope == null) {
      return datasets.isEmpty() ? Scope.GLOBAL : Scope.PARTITION;
    }
    if (scope != Scope.GLOBAL && datasets.isEmpty()) {
      if (!findings.dataUnread()) {
        findings.problem(
            stage,
            ".scope",
            "scope " + scope.name().toLowerCase(Locale.ROOT)
                + " needs data, and the workflow has none",
            "add data.datasets, or leave the scope out");
      }
      return Scope.GLOBAL;
    }
    return scope;
  }

  private BitSet select(Map<String, @Nullable Object> wanted) {
    BitSet selected = new BitSet(datasets.size());
    for (int d = 0; d < datasets.size(); d++) {
      Dataset dataset = datasets.get(d);
      selected.set(d, wanted.entrySet().stream().allMatch(entry -> matches(dataset, entry)));
    }
    return selected;
  }

  private static boolean matches(Dataset dataset, Map.Entry<String, @Nullable Object> wanted) {
    String key = wanted.getKey();
    Object value = key.equals("name") ? dataset.name() : dataset.attributes().get(key);
    return wanted.getValue() instanceof List<?> anyOf
        ? anyOf.stream().anyMatch(one -> same(one, value))
        : same(wanted.getValue(), value);
  }

  // 1, 1L and 1.0 are the same to an author.
  private static boolean same(@Nullable Object a, @Nullable Object b) {
    if (a instanceof Number && b instanceof Number && !a.equals(b)) {
      try {
        return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0;
      } catch (NumberFormatException notFinite) {
        return false;
      }
    }
    return Objects.equals(a, b);
  }

  private @Nullable String unknownAttribute(Stage stage) {
    Set<String> known = new LinkedHashSet<>();
    known.add("name");
    datasets.forEach(dataset -> known.addAll(dataset.attributes().keySet()));
    for (String key : stage.appliesTo().keySet()) {
      if (!known.contains(key)) {
        return findings.didYouMean(key, known);
      }
    }
    return null;
  }
}
