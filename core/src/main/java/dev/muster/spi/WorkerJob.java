package dev.muster.spi;

import dev.muster.batch.JobSpec;
import dev.muster.execution.Pool;

/**
 * The workers of a pool as jobs.
 *
 * <p>Immutable and thread-safe.
 *
 * @param pool the pool
 * @param job one of its workers as a job
 * @param copies how many are started at first; 0 for a pool that starts with none
 * @since 0.1
 */
public record WorkerJob(Pool pool, JobSpec job, int copies) {
  public WorkerJob {
    if (copies < 0) {
      throw new IllegalArgumentException(
          "pool " + pool.name() + ": copies must be 0 or more, got " + copies);
    }
  }
}
