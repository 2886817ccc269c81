package dev.muster.batch.spi;

import java.util.Map;

/**
 * The answer to a question about jobs: their states, or that it could not be asked.
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
public sealed interface StatusReport {
  /**
   * The batch system answered.
   *
   * @param statuses every job that was asked for
   */
  record Answered(Map<JobId, JobStatus> statuses) implements StatusReport {
    public Answered {
      statuses = Map.copyOf(statuses);
    }
  }

  /**
   * The batch system could not be asked; nothing is known of the jobs.
   *
   * @param reason what was tried and what came back
   */
  record Unavailable(String reason) implements StatusReport {}
}
