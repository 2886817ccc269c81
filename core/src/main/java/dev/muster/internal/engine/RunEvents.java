package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.RunEvent;
import dev.muster.run.TaskFailure;
import dev.muster.spi.MissingInputs;
import dev.muster.workflow.MissingInput;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Says what happens, to those who listen. Thread-safe. */
final class RunEvents {
  private final String run;
  private final EventBus bus;
  private final Plan plan;
  private final Timings timings;

  RunEvents(String run, EventBus bus, Plan plan, Timings timings) {
    this.run = run;
    this.bus = bus;
    this.plan = plan;
    this.timings = timings;
  }

  String run() {
    return run;
  }

  boolean active() {
    return bus.active();
  }

  void stageStarted(PlannedStage stage) {
    bus.publish(new RunEvent.StageStarted(timings.now(), run, stage.id(), stage.taskCount()));
  }

  void stageFinished(PlannedStage stage, int succeeded, int failed, int skipped) {
    bus.publish(
        new RunEvent.StageFinished(timings.now(), run, stage.id(), succeeded, failed, skipped));
  }

  void started(int task, int attempt, String pool, String worker) {
    bus.publish(new RunEvent.TaskStarted(
        timings.now(), run, task, plan.nameOf(task), attempt, pool, worker));
  }

  void succeeded(int task, int attempt, Map<String, @Nullable Object> diagnostics) {
    Duration took = timings.duration(task);
    bus.publish(new RunEvent.TaskSucceeded(
        timings.now(),
        run,
        task,
        plan.nameOf(task),
        attempt,
        took == null ? Duration.ZERO : took,
        diagnostics));
  }

  void failed(int task, int attempt, TaskFailure failure, @Nullable Duration retryAfter) {
    bus.publish(new RunEvent.TaskFailed(
        timings.now(),
        run,
        task,
        plan.nameOf(task),
        attempt,
        failure.kind(),
        failure.message(),
        retryAfter));
  }

  void skipped(int task, String reason) {
    bus.publish(new RunEvent.TaskSkipped(
        timings.now(), run, task, plan.nameOf(task), EventText.bounded(reason, null)));
  }

  /** Says which of the outputs that a task gathers are missing. */
  void without(PlannedStage stage, int task, int missing, IntPredicate absent) {
    List<String> names = MissingInputs.of(plan, stage, task, absent).values().stream()
        .flatMap(List::stream)
        .map(MissingInput::task)
        .distinct()
        .limit(RunEvent.InputsMissing.NAMED)
        .toList();
    bus.publish(new RunEvent.InputsMissing(
        timings.now(), run, task, plan.nameOf(task), stage.gathered(task), missing, names));
  }

  void publish(RunEvent event) {
    bus.publish(event);
  }
}
