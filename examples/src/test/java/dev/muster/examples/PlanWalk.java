package dev.muster.examples;

import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.plan.Link;
import dev.muster.plan.Machine;
import dev.muster.plan.Pattern;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Planner;
import dev.muster.resource.MemorySize;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.testkit.FakeContext;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Carries out a plan task by task on the calling thread, so that operations are tested apart from the engine. */
public final class PlanWalk {
  public final Plan plan;
  public final Map<String, Map<String, Object>> diagnostics = new LinkedHashMap<>();
  public final List<String> log = new ArrayList<>();
  private final Object[] outputs;

  private PlanWalk(Plan plan) {
    this.plan = plan;
    this.outputs = new Object[plan.taskCount()];
  }

  public static PlanWalk of(
      Workflow workflow, Execution execution, OperationProvider provider, Path directory)
      throws Exception {
    Plan plan = Planner.plan(
        workflow, List.of(Layer.of("test", execution)), new Machine(2, MemorySize.parse("4GB")));
    PlanWalk walk = new PlanWalk(plan);
    for (PlannedStage stage : plan.stagesInOrder()) {
      Operation operation =
          provider.create(stage.stage().op(), new OperationSetup(stage.stage(), directory));
      for (int local = 0; local < stage.taskCount(); local++) {
        walk.run(stage, local, operation, directory);
      }
    }
    return walk;
  }

  private void run(PlannedStage stage, int local, Operation operation, Path directory)
      throws Exception {
    int task = stage.firstTask() + local;
    FakeContext.Builder builder = context(stage.stage(), directory);
    Partition partition = plan.partitionOf(task);
    Dataset dataset = plan.datasetOf(task);
    if (partition != null) {
      builder.partition(partition);
    }
    if (dataset != null) {
      builder.dataset(dataset);
    }
    for (Link link : stage.incoming()) {
      List<FakeContext.Item> items = new ArrayList<>();
      int first = plan.stages().get(link.producer()).firstTask();
      link.dependencies(local, (from, to) -> {
        for (int i = first + from; i < first + to; i++) {
          items.add(new FakeContext.Item(outputs[i], plan.partitionOf(i), plan.datasetOf(i)));
        }
      });
      for (StageInput input : link.inputs()) {
        if (items.isEmpty() && link.dependencyCount(local) == 0) {
          continue; // another link has this input, for this dataset
        }
        if (link.pattern() == Pattern.GATHER) {
          builder.items(input.name(), items);
        } else {
          builder.item(input.name(), items.get(0));
        }
      }
    }
    FakeContext context = builder.build();
    outputs[task] = operation.run(context);
    diagnostics
        .computeIfAbsent(stage.id(), id -> new LinkedHashMap<>())
        .putAll(context.diagnostics());
    log.addAll(context.logged());
  }

  /** Returns a context for a task of a stage, whose folders lie in {@code directory}. */
  @SuppressWarnings("exports") // tests have no module of their own
  public static FakeContext.Builder context(Stage stage, Path directory) {
    return FakeContext.builder(stage)
        .baseDirectory(directory)
        .outputDirectory(directory.resolve("output").resolve(stage.id()));
  }

  public List<Object> outputs(String stage) {
    PlannedStage planned = plan.stage(stage);
    return List.of(outputs).subList(planned.firstTask(), planned.firstTask() + planned.taskCount());
  }

  public <T> T output(String stage, Class<T> type) {
    return type.cast(outputs(stage).get(0));
  }
}
