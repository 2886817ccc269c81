package dev.muster.batch.spi;

import java.util.List;
import java.util.Set;

/**
 * Submits, watches and cancels jobs. Thread-safe.
 *
 * @since 0.1
 */
public interface BatchSystem extends AutoCloseable {
  /**
   * Submits a job {@code copies} times, in one call of the batch system whatever the number.
   *
   * @param copies how many, 1 or more
   * @return the jobs, in order
   * @throws dev.muster.error.MusterException if the batch system refused, in its own words; then no copy was submitted
   */
  List<JobId> submit(JobSpec spec, int copies);

  /** Asks for the state of many jobs at once. May block for as long as the batch system takes, within a limit. */
  StatusReport status(Set<JobId> jobs);

  /** Asks for the end of jobs; of those that are over or not known nothing happens. */
  void cancel(Set<JobId> jobs);

  /** Cancels every job of this system that is not over, and releases what it holds. Idempotent. */
  @Override
  void close();
}
