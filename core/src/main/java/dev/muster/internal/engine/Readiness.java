package dev.muster.internal.engine;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How many dependencies every task still waits for: four bytes a task. Thread-safe, without locks.
 */
final class Readiness {
  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(int[].class);

  private final Plan plan;
  private final int[] waiting;
  // Stage by stage and link by link, whether consumers need not wait until producers are done; null
  // where none are so.
  private boolean @Nullable [] @Nullable [] early;

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

  /**
   * Learns which links count once the producer's task is handed over, before it is done. Called before anything is
   * counted.
   */
  void countEarly(Predicate<Link> counted) {
    boolean[][] found = new boolean[plan.stages().size()][];
    boolean any = false;
    for (PlannedStage stage : plan.stages()) {
      for (int i = 0; i < stage.outgoing().size(); i++) {
        if (counted.test(stage.outgoing().get(i))) {
          if (found[stage.index()] == null) {
            found[stage.index()] = new boolean[stage.outgoing().size()];
          }
          found[stage.index()][i] = true;
          any = true;
        }
      }
    }
    early = any ? found : null;
  }

  /** Tells whether something may become ready because tasks of a stage are handed over. */
  boolean countsEarly(PlannedStage stage) {
    boolean[][] links = early;
    return links != null && links[stage.index()] != null;
  }

  boolean isReady(int task) {
    return (int) COUNTS.getVolatile(waiting, task) == 0;
  }

  /** Counts a task as done, and gives every task that became ready by it to {@code ready}, stage by stage. */
  void done(int task, ReadyTasks ready, Dispatcher dispatcher) {
    count(task, false, ready, dispatcher);
  }

  /** Counts a task as handed over, and gives every task that became ready by it to {@code ready}. */
  void handedOver(int task, ReadyTasks ready, Dispatcher dispatcher) {
    count(task, true, ready, dispatcher);
  }

  /** Counts one that a task waited for as ended without an output that the task tolerates to be missing. */
  void without(int task, ReadyTasks ready, Dispatcher dispatcher) {
    countDown(task, plan.stageOf(task), ready, dispatcher);
  }

  private void count(int task, boolean before, ReadyTasks ready, Dispatcher dispatcher) {
    PlannedStage stage = plan.stageOf(task);
    int local = task - stage.firstTask();
    boolean[][] links = early;
    boolean[] own = links == null ? null : links[stage.index()];
    for (int i = 0; i < stage.outgoing().size(); i++) {
      if ((own != null && own[i]) != before) {
        continue;
      }
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
