package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import dev.muster.error.Problem;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Layer;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Keep;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A workflow joined with an execution: every stage routed, every task numbered.
 *
 * <p>Tasks are numbers from 0, stage after stage and partition after partition; they are no objects. What is asked of a
 * task is an array read, whatever the number of stages and pools, and allocates nothing. The dependencies between the
 * tasks of two stages are a rule ({@link Link}), not a list.
 *
 * <p>Made by {@link Planner}. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class Plan {
  /** The most tasks that a plan can have. */
  public static final int MAX_TASKS = 500_000_000;

  private final Workflow workflow;
  private final ImmutableList<Layer> layers;
  private final Machine machine;
  private final EffectiveExecution execution;
  private final ImmutableList<PlannedStage> stages;
  private final ImmutableMap<String, PlannedStage> byId;
  private final PartitionTable partitions;
  private final Router router;
  private final int[] stageOfTask;
  private final Annotations[] annotationsOfStage;
  private final int[] order;
  private final ImmutableList<Problem> warnings;

  Plan(
      Workflow workflow,
      List<Layer> layers,
      Machine machine,
      EffectiveExecution execution,
      ImmutableList<PlannedStage> stages,
      PartitionTable partitions,
      Router router,
      int[] order,
      ImmutableList<Problem> warnings) {
    this.workflow = workflow;
    this.layers = ImmutableList.copyOf(layers);
    this.machine = machine;
    this.execution = execution;
    this.stages = stages;
    byId = Maps.uniqueIndex(stages, PlannedStage::id);
    this.partitions = partitions;
    this.router = router;
    this.order = order;
    this.warnings = warnings;
    int tasks = 0;
    for (PlannedStage stage : stages) {
      tasks = Math.addExact(tasks, stage.taskCount());
    }
    stageOfTask = new int[tasks];
    annotationsOfStage = new Annotations[stages.size()];
    for (PlannedStage stage : stages) {
      int first = stage.firstTask();
      Arrays.fill(stageOfTask, first, first + stage.taskCount(), stage.index());
      annotationsOfStage[stage.index()] = stage.route().annotations();
    }
  }

  /** Returns the workflow. */
  public Workflow workflow() {
    return workflow;
  }

  /** Returns the layers of the execution that it was made with, the lowest first. */
  public ImmutableList<Layer> layers() {
    return layers;
  }

  /** Returns the machine that it was made with; it stands in where no pools are described. */
  public Machine machine() {
    return machine;
  }

  /** Returns the execution with all layers merged, and where each value came from. */
  public EffectiveExecution execution() {
    return execution;
  }

  /**
   * Returns the code that workers need, in the order in which it is looked for: what the workflow itself brings, then
   * what {@code execution.code} names.
   */
  public ImmutableList<String> code() {
    List<String> named = Objects.requireNonNullElse(execution.execution().code(), List.of());
    return ImmutableSet.<String>builder()
        .addAll(workflow.code())
        .addAll(named)
        .build()
        .asList();
  }

  /** Returns the stages, in the author's order. */
  public ImmutableList<PlannedStage> stages() {
    return stages;
  }

  /**
   * Returns the stage of that id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public PlannedStage stage(String id) {
    PlannedStage stage = byId.get(id);
    if (stage == null) {
      throw new IllegalArgumentException("the plan has no stage " + id);
    }
    return stage;
  }

  /** Returns the stages such that each stands after those that it waits for, otherwise in the author's order. */
  public List<PlannedStage> stagesInOrder() {
    return Arrays.stream(order).mapToObj(stages::get).toList();
  }

  /**
   * Returns what is worth knowing but keeps nothing from running, for example that no dataset takes part in a stage.
   */
  public ImmutableList<Problem> warnings() {
    return warnings;
  }

  /** Returns how many tasks there are. */
  public int taskCount() {
    return stageOfTask.length;
  }

  /** Returns how many partitions the data has. */
  public int partitionCount() {
    return partitions.size();
  }

  /** Returns how many partitions a dataset has, by the dataset's place in the workflow. */
  int partitionsOf(int dataset) {
    return partitions.count(dataset);
  }

  /** Returns a partition by its index; it is made anew by every call. */
  public Partition partition(int index) {
    return partitions.get(index);
  }

  /** Returns the index of a task's stage. */
  public int stageIndexOf(int task) {
    return stageOfTask[task];
  }

  /** Returns a task's stage. */
  public PlannedStage stageOf(int task) {
    return stages.get(stageOfTask[task]);
  }

  /** Returns a task's route. */
  public Route routeOf(int task) {
    return stages.get(stageOfTask[task]).route();
  }

  /** Returns what a task asks of its worker. */
  public Annotations annotationsOf(int task) {
    return annotationsOfStage[stageOfTask[task]];
  }

  /** Returns a task's number within its stage, from 0. */
  public int localIndexOf(int task) {
    return task - stages.get(stageOfTask[task]).firstTask();
  }

  /** Returns a task's partition, made anew by every call, or null if it stands for a dataset or everything. */
  public @Nullable Partition partitionOf(int task) {
    PlannedStage stage = stageOf(task);
    TaskGroup group = stage.group();
    if (group.scope() != Scope.PARTITION) {
      return null;
    }
    int local = task - stage.firstTask();
    return partitions.get(group.datasetOf(local), group.indexInDataset(local));
  }

  /** Returns a task's dataset, or null if it stands for everything. */
  public @Nullable Dataset datasetOf(int task) {
    PlannedStage stage = stageOf(task);
    int dataset = stage.group().datasetOf(task - stage.firstTask());
    return dataset < 0 ? null : workflow.datasets().get(dataset);
  }

  /** Returns the index of a task's partition among all, or -1 if it stands for a dataset or everything. */
  public int partitionIndexOf(int task) {
    PlannedStage stage = stageOf(task);
    TaskGroup group = stage.group();
    if (group.scope() != Scope.PARTITION) {
      return -1;
    }
    int local = task - stage.firstTask();
    return partitions.first(group.datasetOf(local)) + group.indexInDataset(local);
  }

  /** Returns the place in the workflow of a task's dataset, or -1 if the task stands for everything. */
  public int datasetIndexOf(int task) {
    PlannedStage stage = stageOf(task);
    return stage.group().datasetOf(task - stage.firstTask());
  }

  /** Returns the number of a task among those of its stage that have to do with the same dataset, from 0. */
  public int indexInDatasetOf(int task) {
    PlannedStage stage = stageOf(task);
    return stage.group().indexInDataset(task - stage.firstTask());
  }

  /** Returns which results of a stage a run with a directory keeps: as the stage says, else as the execution says. */
  public Keep keepOf(PlannedStage stage) {
    Keep own = stage.stage().keep();
    return own != null ? own : Objects.requireNonNullElse(execution.execution().keep(), Keep.AUTO);
  }

  /** Returns a task's name: the stage, and behind a slash the partition, block or dataset: {@code Select/ttbar.3}. */
  public String nameOf(int task) {
    PlannedStage stage = stageOf(task);
    TaskGroup group = stage.group();
    int local = task - stage.firstTask();
    int dataset = group.datasetOf(local);
    if (dataset < 0) {
      return stage.id();
    }
    String name = stage.id() + "/" + workflow.datasets().get(dataset).name();
    boolean numbered = group.scope() == Scope.PARTITION || group.inBlocks();
    return numbered ? name + "." + group.indexInDataset(local) : name;
  }

  /**
   * Says why a stage goes where it goes, and what else was considered.
   *
   * @throws IllegalArgumentException if there is no stage of that id
   */
  public Explanation explain(String stage) {
    PlannedStage planned = stage(stage);
    ImmutableList<Explanation.Wait> waits = planned.incoming().stream()
        .map(link -> {
          PlannedStage producer = stages.get(link.producer());
          return new Explanation.Wait(
              producer.id(),
              producer.taskCount(),
              link.pattern(),
              link.inputs(),
              skipped(link),
              datasets(link));
        })
        .collect(ImmutableList.toImmutableList());
    return new Explanation(planned, router.explain(planned), waits);
  }

  ImmutableList<String> skipped(Link link) {
    return link.skipped().stream()
        .map(index -> stages.get(index).id())
        .collect(ImmutableList.toImmutableList());
  }

  ImmutableList<String> datasets(Link link) {
    return link.datasets().stream()
        .map(index -> workflow.datasets().get(index).name())
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Returns where a stage's tasks go after they ran out of memory.
   *
   * @param stage a stage of this plan whose retry has an {@code escalate}
   * @throws IllegalArgumentException if it has none
   */
  public Route escalationOf(PlannedStage stage) {
    String label = stage.stage().retry().escalate();
    if (label != null && router.escalation(stage.stage(), label) instanceof Answer.Found found) {
      return found.route();
    }
    throw new IllegalArgumentException("stage " + stage.id() + " does not escalate");
  }

  /**
   * Writes the plan, in pieces of whole lines, and keeps nothing of it: a plan of a hundred thousand stages takes many
   * megabytes of text. Without secrets, and the same on every machine and JDK.
   *
   * @throws IOException if {@code out} throws it
   */
  public void write(PlanFormat format, Appendable out) throws IOException {
    switch (format) {
      case YAML -> TreeText.yaml(PlanTree.of(this), out);
      case JSON -> TreeText.json(PlanTree.of(this), out);
      case MERMAID -> GraphText.mermaid(this, out);
      case DOT -> GraphText.dot(this, out);
    }
  }

  /** Returns the plan as YAML; see {@link #write}. */
  public String toYaml() {
    return text(PlanFormat.YAML);
  }

  /** Returns the plan as JSON, of the same structure as {@link #toYaml}. */
  public String toJson() {
    return text(PlanFormat.JSON);
  }

  /** Returns a drawing of the stages in the Mermaid language, which many Markdown viewers show as a picture. */
  public String toMermaid() {
    return text(PlanFormat.MERMAID);
  }

  /** Returns a drawing of the stages in Graphviz's DOT language. */
  public String toDot() {
    return text(PlanFormat.DOT);
  }

  private String text(PlanFormat format) {
    StringBuilder text = new StringBuilder();
    try {
      write(format, text);
    } catch (IOException e) {
      throw new UncheckedIOException("a StringBuilder takes any text", e);
    }
    return text.toString();
  }

  /** Returns for example {@code Plan(dimuon, 4 stages, 61 tasks)}. */
  @Override
  public String toString() {
    return "Plan(" + workflow.name() + ", " + Counted.of(stages.size(), "stage") + ", "
        + Counted.of(taskCount(), "task") + ")";
  }
}
