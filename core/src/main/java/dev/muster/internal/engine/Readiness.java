package dev.muster.internal.engine;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How many dependencies every task still waits for: four bytes a task. Thread-safe, without locks.
 */
final class Readiness {
  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(int[].class);

  private final Plan plan;
  private final int[] waiting;

  Readiness(Plan plan) {
    this.plan = plan;
    this.waiting = new int[plan.taskCount()];
    for (PlannedStage stage : plan.stages()) {
      int first = stage.firstTask();
      for (Link link : stage.incoming()) {
        for (int i = 0; i < stage.taskCount(); i++) {
          waiting[first + i] += link.dependencyCount(i);
        }
      }
    }
  }

  boolean isReady(int task) {
    return (int) COUNTS.getVolatile(waiting, task) == 0;
  }

  /** Counts a task as done, and gives every task that became ready by it to {@code ready}, stage by stage. */
  void done(int task, ReadyTasks ready, Dispatcher dispatcher) {
    PlannedStage stage = plan.stageOf(task);
    int local = task - stage.firstTask();
    for (int i = 0; i < stage.outgoing().size(); i++) {
      Link link = stage.outgoing().get(i);
      PlannedStage consumer = plan.stages().get(link.consumer());
      int first = consumer.firstTask() + link.firstDependent(local);
      int count = link.dependentCount(local);
      for (int dependent = first; dependent < first + count; dependent++) {
        countDown(dependent, consumer, ready, dispatcher);
      }
    }
  }

  private void countDown(int task, PlannedStage stage, ReadyTasks ready, Dispatcher dispatcher) {
    if ((int) COUNTS.getAndAdd(waiting, task, -1) == 1) {
      ready.add(task, stage, dispatcher);
    }
  }
}
