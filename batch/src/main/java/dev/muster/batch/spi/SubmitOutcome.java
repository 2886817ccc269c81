package dev.muster.batch.spi;

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
   * The batch system takes no more jobs for now, or not so many; nothing is in the queue. Fewer may be taken, or as
   * many when others have ended.
   *
   * @param reason its own words
   */
  record Full(String reason) implements SubmitOutcome {}

  /**
   * The batch system could not take it now, or nobody can say whether it did. What may be in the queue is cancelled.
   *
   * @param reason its own words
   * @param again whether it is worth trying again; false where the next answer would not be understood either
   */
  record Unclear(String reason, boolean again) implements SubmitOutcome {
    /** An outcome after which it is worth trying again. */
    public Unclear(String reason) {
      this(reason, true);
    }
  }
}
