package dev.muster.internal.engine;

import dev.muster.run.TaskStatus;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Where every task stands: a status and the number of the attempt, in four bytes a task. Thread-safe, without locks.
 */
@SuppressWarnings("EnumOrdinal") // the numbers live as long as the run, and nowhere else
final class TaskStates {
  static final int WAITING = TaskStatus.WAITING.ordinal();
  static final int READY = TaskStatus.READY.ordinal();
  static final int RUNNING = TaskStatus.RUNNING.ordinal();
  static final int SUCCEEDED = TaskStatus.SUCCEEDED.ordinal();
  static final int FAILED = TaskStatus.FAILED.ordinal();
  static final int SKIPPED = TaskStatus.SKIPPED.ordinal();

  /** The state of a task that has never been ready. */
  static final int FRESH = WAITING;

  private static final VarHandle STATES = MethodHandles.arrayElementVarHandle(int[].class);
  private static final TaskStatus[] STATUSES = TaskStatus.values();
  private static final int STATUS_BITS = 3;
  private static final int STATUS_MASK = (1 << STATUS_BITS) - 1;

  private final int[] states;

  TaskStates(int tasks) {
    states = new int[tasks];
  }

  int size() {
    return states.length;
  }

  static int state(int status, int attempt) {
    return attempt << STATUS_BITS | status;
  }

  static int statusOf(int state) {
    return state & STATUS_MASK;
  }

  static int attemptOf(int state) {
    return state >>> STATUS_BITS;
  }

  int get(int task) {
    return (int) STATES.getVolatile(states, task);
  }

  TaskStatus status(int task) {
    return STATUSES[statusOf(get(task))];
  }

  /** Moves a task from one state to another; false if it was not in the first. */
  boolean move(int task, int from, int to) {
    return STATES.compareAndSet(states, task, from, to);
  }

  /** Makes a task ready for its first attempt; false if it is not {@link #FRESH} any more. */
  boolean moveFirst(int task) {
    return move(task, FRESH, state(READY, 1));
  }

  /** Ends an attempt that is running or still queued; false if that attempt is over. */
  boolean end(int task, int attempt, int status) {
    int to = state(status, attempt);
    return move(task, state(RUNNING, attempt), to) || move(task, state(READY, attempt), to);
  }

  /** Tells whether a worker has the attempt, and it is still wanted. */
  boolean isCurrent(int task, int attempt) {
    return get(task) == state(RUNNING, attempt);
  }

  /** Tells whether a task has ended without an output: it failed for good, or will not run. */
  boolean isAbsent(int task) {
    int status = statusOf(get(task));
    return status == FAILED || status == SKIPPED;
  }

  /** Tells whether the attempt is running or still queued. */
  boolean isOpen(int task, int attempt) {
    int now = get(task);
    return now == state(RUNNING, attempt) || now == state(READY, attempt);
  }
}
