package dev.muster.internal.engine;

import dev.muster.plan.PlannedStage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that became ready, gathered by stage until they are handed over. It belongs to one thread, which uses it again
 * and again.
 *
 * <p>A backend may report from inside a hand-over that a task is done. The tasks of that hand-over must then stay as
 * they are, and the stack must not grow with the length of the workflow: what is done is {@linkplain #postpone put off}
 * until the hand-over is over. Not thread-safe.
 */
final class ReadyTasks {
  private static final int LIMIT = 4096;

  private int[] tasks = new int[16];
  private int count;
  private @Nullable PlannedStage stage;
  private boolean busy;
  private int[] postponed = {};
  private int postponedCount;
  private int[] handedOver = {};
  private int handedOverCount;
  private int handedOverTaken;

  void add(int task, PlannedStage of, Dispatcher dispatcher) {
    if (count > 0 && (stage != of || count == LIMIT)) {
      flush(dispatcher);
    }
    stage = of;
    if (count == tasks.length) {
      tasks = Arrays.copyOf(tasks, Math.min(LIMIT, count * 2));
    }
    tasks[count++] = task;
  }

  /** Hands over what is gathered. */
  void flush(Dispatcher dispatcher) {
    PlannedStage of = stage;
    int ready = count;
    if (of != null && ready > 0) {
      count = 0;
      dispatcher.dispatch(of, tasks, ready);
    }
  }

  /** Tells whether this thread is in the middle of handing over. */
  boolean busy() {
    return busy;
  }

  void begin() {
    busy = true;
  }

  /** Ends handing over; nothing is left, and nothing of the run is held. */
  void end() {
    busy = false;
    stage = null;
    count = 0;
    postponedCount = 0;
    handedOverCount = 0;
    handedOverTaken = 0;
  }

  /** Keeps a task that was handed over, whose dependents may follow it. */
  void addHandedOver(int task) {
    if (handedOverCount == handedOver.length) {
      handedOver = Arrays.copyOf(handedOver, Math.max(16, handedOverCount * 2));
    }
    handedOver[handedOverCount++] = task;
  }

  /** Returns the task that was handed over first of those kept, or -1. */
  int nextHandedOver() {
    if (handedOverTaken == handedOverCount) {
      handedOverTaken = 0;
      handedOverCount = 0;
      return -1;
    }
    return handedOver[handedOverTaken++];
  }

  /** Keeps a task that is done until the hand-over is over. */
  void postpone(int task) {
    if (postponedCount == postponed.length) {
      postponed = Arrays.copyOf(postponed, Math.max(16, postponedCount * 2));
    }
    postponed[postponedCount++] = task;
  }

  /** Returns a task that was put off, or -1. */
  int nextPostponed() {
    return postponedCount == 0 ? -1 : postponed[--postponedCount];
  }
}
