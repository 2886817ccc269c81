package dev.muster.batch;

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
 * @since 0.1
 */
public record PlannedJobs(
    String strategy, String pool, int copies, JobSpec job, Submission submission) {}
