package dev.muster.spi;

import dev.muster.plan.Route;

/**
 * A backend at work for one run.
 *
 * <p>Thread-safe: the engine calls from several threads at once, also from inside a call of {@link TaskSink}.
 *
 * @since 0.1
 */
public interface BackendSession extends AutoCloseable {
  /**
   * Takes tasks that are ready. Returns soon: it queues them. For each it calls {@link TaskSink#started} at most once
   * and then {@link TaskSink#succeeded} or {@link TaskSink#failed} once; a task runs on a worker of one of the route's
   * pools.
   *
   * <p>It may report from inside this call. A call that crosses with {@link #close} comes after it, with attempts that
   * are over: it may be ignored.
   *
   * @param route where they go
   * @param attempt the number of the attempt, from 1
   * @param tasks an array that belongs to the caller; the task numbers are its first {@code count} items
   * @param count how many
   */
  void submit(Route route, int attempt, int[] tasks, int count);

  /**
   * Ends an attempt that is queued or running, because it is out of time or the run was cancelled. Returns at once. The
   * engine expects no report for it and ignores one.
   */
  void cancel(int task, int attempt);

  /**
   * Tells whether the session pipelines: whether it takes tasks whose inputs are not made yet, if all those inputs are
   * outputs of tasks that were submitted to it before. The answer never changes. The session then orders these tasks
   * itself, passes outputs from task to task, and holds a task back while another attempt of a producer is made.
   * Default: false, and the engine submits a task when all its inputs are there.
   */
  default boolean pipelines() {
    return false;
  }

  /** Ends everything, waits until no process or thread of it is left, and releases it. Idempotent. */
  @Override
  void close();
}
