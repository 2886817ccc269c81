package dev.muster.internal.engine;

import dev.muster.plan.PlannedStage;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that became ready, gathered by stage until they are handed over. Not thread-safe; one thread uses it again and again.
 */
final class ReadyTasks {
  private static final int LIMIT = 4096;

  private final Dispatcher dispatcher;
  private int[] tasks = new int[16];
  private int count;
  private @Nullable PlannedStage stage;
  private boolean busy;

  ReadyTasks(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  void add(int task, PlannedStage of) {
    if (count > 0 && (stage != of || count == LIMIT)) {
      flush();
    }
    stage = of;
    if (count == tasks.length) {
      tasks = java.util.Arrays.copyOf(tasks, Math.min(LIMIT, count * 2));
    }
    tasks[count++] = task;
  }

  /** Tells whether tasks are being handed over right now. */
  boolean busy() {
    return busy;
  }

  /** Hands over what is gathered. */
  void flush() {
    PlannedStage of = stage;
    int ready = count;
    if (of != null && ready > 0) {
      count = 0;
      busy = true;
      try {
        dispatcher.dispatch(of, tasks, ready);
      } finally {
        busy = false;
      }
    }
  }
}
