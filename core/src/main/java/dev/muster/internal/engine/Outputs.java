package dev.muster.internal.engine;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.StoredOutput;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of the tasks that are done. An output is dropped once every task that reads it has ended, unless all are
 * kept; one that nothing reads stays. Thread-safe, without locks.
 */
final class Outputs {
  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(Object[].class);

  /** In place of the number of readers where there are none: the output is the run's. */
  private static final int KEPT = -1;

  /** In place of an output that is null, where that was read from a {@link StoredOutput}. */
  static final Object NULL = new Object();

  private final Plan plan;
  private final @Nullable Object[] values;
  private final int @Nullable [] readers;

  Outputs(Plan plan, boolean keepAll) {
    this.plan = plan;
    this.values = new Object[plan.taskCount()];
    this.readers = keepAll ? null : readers(plan);
  }

  private static int[] readers(Plan plan) {
    int[] readers = new int[plan.taskCount()];
    for (PlannedStage stage : plan.stages()) {
      int first = stage.firstTask();
      int identities = 0;
      for (Link link : stage.outgoing()) {
        if (link.inputs().isEmpty()) {
          continue;
        }
        if (link.identity()) {
          identities++;
          continue;
        }
        for (int i = 0; i < stage.taskCount(); i++) {
          readers[first + i] += link.dependentCount(i);
        }
      }
      if (identities > 0) {
        for (int i = 0; i < stage.taskCount(); i++) {
          readers[first + i] += identities;
        }
      }
      for (int i = 0; i < stage.taskCount(); i++) {
        if (readers[first + i] == 0) {
          readers[first + i] = KEPT;
        }
      }
    }
    return readers;
  }

  void put(int task, @Nullable Object value) {
    if (value == null) {
      return;
    }
    VALUES.setVolatile(values, task, value);
    if (readers != null && (int) COUNTS.getVolatile(readers, task) == 0) {
      drop(task); // all that would have read it have been skipped meanwhile
    }
  }

  @Nullable
  Object get(int task) {
    return VALUES.getAcquire(values, task);
  }

  /** Puts an output in the place of the one that a backend kept, once nothing reads it any more. */
  void settle(int task, Object value) {
    VALUES.setVolatile(values, task, value);
  }

  /** Tells whether an output is no longer available, because all its consumers have finished. */
  boolean dropped(int task) {
    return readers != null && (int) COUNTS.getVolatile(readers, task) == 0 && get(task) == null;
  }

  /**
   * Says that a task has ended and reads its inputs no more.
   *
   * @param complete whether all tasks that it depends on have succeeded: then outputs that are not there never will be
   */
  void release(int task, boolean complete) {
    if (readers == null) {
      return;
    }
    PlannedStage stage = plan.stageOf(task);
    int local = task - stage.firstTask();
    for (int i = 0; i < stage.incoming().size(); i++) {
      Link link = stage.incoming().get(i);
      if (link.inputs().isEmpty()) {
        continue;
      }
      int first = plan.stages().get(link.producer()).firstTask();
      int near = link.firstDependency(local);
      if (near >= 0) {
        releaseRange(readers, first + near, first + near + link.dependencyCount(local), complete);
      } else {
        link.dependencies(
            local, (from, to) -> releaseRange(readers, first + from, first + to, complete));
      }
    }
  }

  private void releaseRange(int[] counts, int from, int to, boolean complete) {
    for (int producer = from; producer < to; producer++) {
      boolean nothingThere = complete && values[producer] == null;
      if (!nothingThere && (int) COUNTS.getAndAdd(counts, producer, -1) == 1) {
        drop(producer);
      }
    }
  }

  private void drop(int task) {
    if (VALUES.getAndSet(values, task, null) instanceof StoredOutput stored) {
      stored.release();
    }
  }
}
