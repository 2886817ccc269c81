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
 * @param workers whether they are workers, which take tasks for as long as they run; else each has tasks of its own
 * @param copies how many; 0 for a pool that starts with none, and then the submission is that of one
 * @param job one of them
 * @param submission what would be run and written
 * @param sent what travels with each, by name, in bytes; -1 where that is not known yet. Empty where nothing does
 * @since 0.1
 */
public record PlannedJobs(
    String strategy,
    String pool,
    boolean workers,
    int copies,
    JobSpec job,
    Submission submission,
    Map<String, Long> sent) {
  public PlannedJobs {
    sent = Collections.unmodifiableMap(new LinkedHashMap<>(sent));
  }

  /** Makes workers whose files need not travel. */
  public PlannedJobs(String strategy, String pool, int copies, JobSpec job, Submission submission) {
    this(strategy, pool, true, copies, job, submission, Map.of());
  }
}
