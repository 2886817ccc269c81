package dev.muster.batch.backend;

import org.jspecify.annotations.Nullable;

/**
 * Of each task of a plan the attempt that waits or is in a job, and that job. Guarded by the {@link Work} that it
 * belongs to.
 */
final class Attempts {
  private final int[] numbers;
  private final @Nullable Job[] jobs;

  Attempts(int tasks) {
    numbers = new int[tasks];
    jobs = new Job[tasks];
  }

  /** Begins an attempt, counted from 1. */
  void begin(int task, int attempt) {
    numbers[task] = attempt;
  }

  /** Tells whether an attempt is not over. */
  boolean current(int task, int attempt) {
    return numbers[task] == attempt;
  }

  /** Returns the job that has a task, or null if it is in none. */
  @Nullable
  Job job(int task) {
    return jobs[task];
  }

  /** Notes which job has a task; null for none. */
  void put(int task, @Nullable Job job) {
    jobs[task] = job;
  }

  /** Ends an attempt; returns false if it was over. */
  boolean end(int task, int attempt) {
    if (numbers[task] != attempt) {
      return false;
    }
    numbers[task] = 0;
    jobs[task] = null;
    return true;
  }
}
