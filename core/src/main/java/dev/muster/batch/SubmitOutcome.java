package dev.muster.batch;

import java.util.List;

/**
 * What became of a submission.
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
public sealed interface SubmitOutcome {
  /**
   * The jobs are in the queue.
   *
   * @param jobs one for each copy, in order
   */
  record Accepted(List<JobId> jobs) implements SubmitOutcome {
    public Accepted {
      jobs = List.copyOf(jobs);
    }
  }

  /**
   * The batch system refused, and would again; nothing is in the queue.
   *
   * @param reason its own words
   */
  record Rejected(String reason) implements SubmitOutcome {}

  /**
   * The batch system could not take it now, or nobody can say whether it did; it is worth trying again.
   *
   * @param reason its own words
   */
  record Unclear(String reason) implements SubmitOutcome {}
}
