package dev.muster.batch.backend;

import dev.muster.plan.Link;
import dev.muster.plan.Pattern;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.spi.MissingInputs;
import dev.muster.spi.Ports;
import dev.muster.workflow.StageInput;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What tasks read: which outputs of which tasks make up their inputs. Thread-safe. */
final class TaskInputs {
  private final BackendContext context;
  private final Plan plan;

  TaskInputs(BackendContext context) {
    this.context = context;
    this.plan = context.plan();
  }

  /**
   * An input of a task.
   *
   * @param name its name
   * @param port which output of each producer it takes, or null for the whole
   * @param many whether it is a list
   * @param producers the tasks that make it; none for an optional input whose stage leaves this dataset out
   */
  record Input(String name, @Nullable String port, boolean many, List<Integer> producers) {}

  /** Returns the inputs of a task. */
  List<Input> of(PlannedStage stage, int task) {
    int local = task - stage.firstTask();
    List<Input> inputs = new ArrayList<>();
    Set<String> filled = new HashSet<>();
    for (Link link : stage.incoming()) {
      for (StageInput input : link.inputs()) {
        boolean many = link.pattern() == Pattern.GATHER;
        List<Integer> producers = producers(link, local);
        if (stage.tolerates(link)) {
          producers.removeIf(context::isMissing);
        }
        // An input may come from other stages for other datasets: then only one of them has
        // something for this task.
        if (producers.isEmpty() && filled.contains(input.name())) {
          continue;
        }
        if (!filled.add(input.name())) {
          inputs.removeIf(each -> each.name().equals(input.name()));
        }
        inputs.add(new Input(input.name(), input.port(), many, producers));
      }
    }
    return inputs;
  }

  /** Returns what a task goes without, by input, as a function in Python sees it; null if nothing may be missing. */
  @Nullable
  Map<String, Object> missing(PlannedStage stage, int task) {
    return stage.stage().tolerate() == null
        ? null
        : MissingInputs.described(MissingInputs.of(plan, stage, task, context::isMissing));
  }

  private List<Integer> producers(Link link, int local) {
    List<Integer> producers = new ArrayList<>();
    if (link.dependencyCount(local) > 0) {
      int first = plan.stages().get(link.producer()).firstTask();
      link.dependencies(local, (from, to) -> {
        for (int i = from; i < to; i++) {
          producers.add(first + i);
        }
      });
    }
    return producers;
  }

  /**
   * Returns what an input takes of a task.
   *
   * @throws dev.muster.run.TaskException if the task has no such output
   */
  @Nullable
  Object read(PlannedStage stage, int producer, @Nullable String port) {
    return Ports.take(plan, stage, producer, port, context.output(producer));
  }
}
