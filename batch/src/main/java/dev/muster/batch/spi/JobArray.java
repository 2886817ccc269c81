package dev.muster.batch.spi;

import java.nio.file.Path;
import java.util.List;

/**
 * The jobs of one submission.
 *
 * <p>Immutable and thread-safe.
 *
 * @param tag the name under which they were submitted; no other submission has it
 * @param logs the folder of their logs, as in {@link JobSpec#logs()}
 * @param jobs the jobs, in order; where a question is asked about jobs, only those that it is about
 * @since 0.1
 */
public record JobArray(String tag, Path logs, List<JobId> jobs) {
  public JobArray {
    jobs = List.copyOf(jobs);
  }
}
