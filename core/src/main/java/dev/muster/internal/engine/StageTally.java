package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the tasks that have ended, and says when a stage begins and when it is over. Thread-safe; counting takes no
 * lock.
 */
final class StageTally {
  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(int[].class);

  /** Counters of different stages lie on different cache lines. */
  private static final int PADDING = 16;

  private final RunState state;
  private final RunEvents events;
  private final int[] ended;
  private final int[] begun;
  private final AtomicInteger stagesLeft;

  StageTally(Plan plan, RunState state, RunEvents events) {
    this.state = state;
    this.events = events;
    this.ended = new int[plan.stages().size() * PADDING];
    this.begun = new int[plan.stages().size()];
    this.stagesLeft = new AtomicInteger(plan.stages().size());
  }

  /** Says that a stage begins, once; when this returns it has been said. */
  void begin(PlannedStage stage) {
    int index = stage.index();
    if (!events.active() || (int) COUNTS.getAcquire(begun, index) != 0) {
      return;
    }
    synchronized (begun) {
      if (begun[index] == 0) {
        events.stageStarted(stage);
        COUNTS.setRelease(begun, index, 1);
      }
    }
  }

  /** Counts a task that has ended; returns whether it was the last of all. */
  boolean taskEnded(PlannedStage stage) {
    int before = (int) COUNTS.getAndAdd(ended, stage.index() * PADDING, 1);
    return before + 1 == stage.taskCount() && stageEnded(stage);
  }

  /** Says that a stage is over; returns whether it was the last. */
  boolean stageEnded(PlannedStage stage) {
    if (events.active()) {
      int[] counts = state.counts(stage);
      events.stageFinished(
          stage,
          counts[TaskStates.SUCCEEDED],
          counts[TaskStates.FAILED],
          counts[TaskStates.SKIPPED]);
    }
    return stagesLeft.decrementAndGet() == 0;
  }
}
