package dev.muster.run;

/**
 * The time by which a run waits: until a task is out of time ({@code timeout}), until its next attempt ({@code
 * retry.backoff}), until a drain is over, and until its deadline. A run goes by the system's unless {@link
 * dev.muster.RunOptions.Builder#time} says otherwise; a test gives one that it moves by hand, {@code ManualTime} of
 * {@code muster-testkit}. Times of events and durations of tasks are the system's always, and so are the waits of
 * backends.
 *
 * <p>Implementations must be thread-safe: the run calls from several threads at once.
 *
 * @since 0.1
 */
public interface RunTime {
  /** Returns nanoseconds since any moment, which never go back. May not block. */
  long nanoTime();

  /**
   * Sees to it that {@code action} is called once, when {@link #nanoTime} has reached {@code nanoTime} or soon after;
   * at once if it has. Returns without waiting. The action only wakes the run up: it returns at once, and may be called
   * by any thread, also after the run is over.
   */
  void at(long nanoTime, Runnable action);
}
