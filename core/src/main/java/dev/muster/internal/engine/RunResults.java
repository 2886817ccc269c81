package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.StageResult;
import dev.muster.run.TaskResult;
import java.time.Duration;
import java.util.AbstractList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** Makes the results of a run that is over; those of single tasks are views, made when asked for. Thread-safe. */
final class RunResults {
  private final Plan plan;
  private final RunState state;
  private final ResultOutputs outputs;

  RunResults(Plan plan, RunState state) {
    this.plan = plan;
    this.state = state;
    this.outputs = new ResultOutputs(plan, state);
  }

  RunResult result(RunStatus status, @Nullable Throwable error, @Nullable String reason) {
    Map<String, StageResult> stages = new LinkedHashMap<>();
    for (PlannedStage stage : plan.stages()) {
      stages.put(stage.id(), stage(stage));
    }
    List<TaskResult> failures =
        state.failures().first().stream().map(this::task).toList();
    return new RunResult(
        status,
        state.timings().elapsed(),
        Collections.unmodifiableMap(stages),
        failures,
        error,
        reason,
        state.directory());
  }

  private StageResult stage(PlannedStage stage) {
    int[] counts = state.counts(stage);
    long busy = 0;
    for (int task = stage.firstTask(); task < stage.firstTask() + stage.taskCount(); task++) {
      busy += state.timings().nanos(task);
    }
    return new StageResult(
        stage.id(),
        counts[TaskStates.SUCCEEDED],
        counts[TaskStates.FAILED],
        counts[TaskStates.SKIPPED],
        Duration.ofNanos(busy),
        new Tasks(stage));
  }

  private TaskResult task(int task) {
    Timings timings = state.timings();
    return new TaskResult(
        task,
        plan.nameOf(task),
        state.states().status(task),
        timings.worker(task) == null ? 0 : TaskStates.attemptOf(state.states().get(task)),
        state.poolOf(task),
        timings.worker(task),
        timings.startedAt(task),
        timings.duration(task),
        outputs.of(task),
        state.failures().get(task),
        state.notes().diagnostics(task));
  }

  /** The tasks of a stage. */
  private final class Tasks extends AbstractList<TaskResult> implements RandomAccess {
    private final PlannedStage stage;

    Tasks(PlannedStage stage) {
      this.stage = stage;
    }

    @Override
    public TaskResult get(int index) {
      return task(stage.firstTask() + Objects.checkIndex(index, size()));
    }

    @Override
    public int size() {
      return stage.taskCount();
    }
  }
}
