package dev.muster.internal.engine;

import java.time.Duration;

/** What the flow of tasks asks of the run as a whole; every call returns at once. Thread-safe. */
interface FlowControl {
  /** Runs {@code action} on the run's control thread after a while, unless the run is over by then. */
  void after(Duration wait, Runnable action);

  /**
   * Runs {@code action} on the run's control thread when {@link #nanoTime} is that late, unless the run is over by
   * then.
   */
  void at(long nanoTime, Runnable action);

  /** Returns the time by which the run waits, in nanoseconds. */
  long nanoTime();

  /**
   * Says that a task failed for good and that the run is to end with that; {@code reason} is what the other tasks are
   * told.
   */
  void stop(String reason);

  /** Writes a line to the run's log. */
  void log(int task, String message);

  /** Says that every task has ended. */
  void allEnded();

  /** Says that the run cannot go on. */
  void broken(Throwable error);
}
