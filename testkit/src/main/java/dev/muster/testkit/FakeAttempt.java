package dev.muster.testkit;

import org.jspecify.annotations.Nullable;

/**
 * One attempt of a task that was handed to a {@link FakeBackend}.
 *
 * <p>Immutable and thread-safe.
 *
 * @param task the task's name in the plan, for example {@code Select/ttbar.3}
 * @param attempt the number of the attempt, from 1
 * @param pool the pool that it ran in, or null if it did not start
 * @param worker the worker that it ran on, or null if it did not start
 * @param state where it stands
 * @since 0.1
 */
public record FakeAttempt(
    String task,
    int attempt,
    @Nullable String pool,
    @Nullable String worker,
    State state) {
  /** Where an attempt stands. */
  public enum State {
    /** It waits for a worker. */
    QUEUED,
    /** It has started. */
    RUNNING,
    /** It ended well. */
    SUCCEEDED,
    /** It failed. */
    FAILED,
    /** The engine took it back. */
    CANCELLED
  }

  FakeAttempt with(State next) {
    return new FakeAttempt(task, attempt, pool, worker, next);
  }

  FakeAttempt on(String newPool, String newWorker) {
    return new FakeAttempt(task, attempt, newPool, newWorker, State.RUNNING);
  }

  /** Returns for example {@code Train#2 on gpu-0: FAILED}. */
  @Override
  public String toString() {
    return task + "#" + attempt + (worker == null ? "" : " on " + worker) + ": " + state;
  }
}
