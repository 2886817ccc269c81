package dev.muster.batch;

import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Submission;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The jobs of a pool as they would be submitted.
 *
 * <p>Immutable and thread-safe.
 *
 * @param strategy the name of the strategy
 * @param pool the name of the pool
 * @param copies how many workers; 0 for a pool that starts with none, and then the submission is that of one
 * @param job one worker
 * @param submission what would be run and written
 * @param sent what travels with each worker, by name, in bytes; -1 where that is not known yet. Empty where nothing does
 * @since 0.1
 */
public record PlannedJobs(
    String strategy,
    String pool,
    int copies,
    JobSpec job,
    Submission submission,
    Map<String, Long> sent) {
  public PlannedJobs {
    sent = Collections.unmodifiableMap(new LinkedHashMap<>(sent));
  }

  /** Makes those whose files need not travel. */
  public PlannedJobs(String strategy, String pool, int copies, JobSpec job, Submission submission) {
    this(strategy, pool, copies, job, submission, Map.of());
  }
}
