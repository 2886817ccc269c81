package dev.muster.internal.batch;

import dev.muster.batch.JobSpec;
import dev.muster.batch.JobStatus;
import org.jspecify.annotations.Nullable;

/** One submission that was accepted. Guarded by its {@link JobTable}, but for what is final. */
final class Batch {
  final String tag;
  final JobSpec spec;
  final int watched;

  /** How many of its jobs have not ended. */
  int open;

  /** Why its jobs wait, or null if nobody said. */
  @Nullable
  JobStatus explanation;

  /**
   * Makes a submission.
   *
   * @param tag the name under which it was submitted
   * @param spec the job
   * @param watched its number with the watchdog
   */
  Batch(String tag, JobSpec spec, int watched) {
    this.tag = tag;
    this.spec = spec;
    this.watched = watched;
  }
}
