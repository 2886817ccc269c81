package dev.muster.internal.engine;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of the tasks that are done. An output is dropped once every task that reads it has ended, unless all are kept; one
 * that nothing reads stays. Thread-safe, without locks.
 */
final class Outputs {
  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(Object[].class);

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
    }
    return readers;
  }

  void put(int task, @Nullable Object value) {
    if (value != null) {
      VALUES.setRelease(values, task, value);
    }
  }

  @Nullable
  Object get(int task) {
    return VALUES.getAcquire(values, task);
  }

  /** Says that a task has ended and reads its inputs no more. */
  void release(int task) {
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
        releaseRange(readers, first + near, first + near + link.dependencyCount(local));
      } else {
        link.dependencies(local, (from, to) -> releaseRange(readers, first + from, first + to));
      }
    }
  }

  private void releaseRange(int[] counts, int from, int to) {
    for (int producer = from; producer < to; producer++) {
      if (values[producer] != null && (int) COUNTS.getAndAdd(counts, producer, -1) == 1) {
        VALUES.setRelease(values, producer, null);
      }
    }
  }

  /** Forgets everything. */
  void clear() {
    Arrays.fill(values, null);
  }
}
