package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One submission that was accepted. Guarded by its {@link JobTable}, but for what is final. */
final class Batch {
  final String tag;
  final JobSpec spec;
  final int watched;
  final boolean foreign;

  /** Whether another process submitted it, and this one goes on with it. */
  boolean adopted;

  /** How many of its jobs have not ended. */
  int open;

  /** Why its jobs wait, or null if nobody said. */
  @Nullable
  JobStatus explanation;

  /** What marked states of its jobs mean. */
  final Map<JobStatus, JobStatus> explanations = new HashMap<>();

  /**
   * Makes a submission.
   *
   * @param tag the name under which it was submitted
   * @param spec the job
   * @param watched its number with the watchdog; {@link Watchdog#NONE} if its jobs outlive this JVM
   */
  Batch(String tag, JobSpec spec, int watched) {
    this(tag, spec, watched, false);
  }

  /**
   * Makes a submission.
   *
   * @param foreign whether another process submitted it, so that its jobs are not ended with this system
   */
  Batch(String tag, JobSpec spec, int watched, boolean foreign) {
    this.tag = tag;
    this.spec = spec;
    this.watched = watched;
    this.foreign = foreign;
  }
}
