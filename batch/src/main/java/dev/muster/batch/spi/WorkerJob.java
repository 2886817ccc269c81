package dev.muster.batch.spi;

import dev.muster.execution.Pool;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The workers of a pool as jobs.
 *
 * <p>Immutable and thread-safe.
 *
 * @param pool the pool
 * @param job one of its workers as a job
 * @param copies how many are started at first; 0 for a pool that starts with none
 * @param sent what travels with each of them, by name, in bytes; -1 where that is not known yet. Empty where nothing
 *     does
 * @since 0.1
 */
public record WorkerJob(Pool pool, JobSpec job, int copies, Map<String, Long> sent) {
  public WorkerJob {
    sent = Collections.unmodifiableMap(new LinkedHashMap<>(sent));
    if (copies < 0) {
      throw new IllegalArgumentException(
          "pool " + pool.name() + ": copies must be 0 or more, got " + copies);
    }
  }

  /** Makes one whose files need not travel. */
  public WorkerJob(Pool pool, JobSpec job, int copies) {
    this(pool, job, copies, Map.of());
  }
}
