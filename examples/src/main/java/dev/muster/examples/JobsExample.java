package dev.muster.examples;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Plain jobs, without a workflow: a hundred copies of a command, and how each of them ended. */
public final class JobsExample {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private JobsExample() {}

  /**
   * Runs copies of a shell command as jobs and waits for them.
   *
   * @param strategy where, for example {@code local} or {@code slurm}
   * @param directory where they start; their logs come to {@code out} and {@code err} in it
   * @return how each ended
   */
  public static Map<JobId, JobStatus.Ended> run(
      String strategy, Path directory, String command, int copies) throws InterruptedException {
    JobSpec spec =
        JobSpec.builder("simulate", List.of("sh", "-c", command), directory).build();
    try (BatchSystem system = Jobs.open(strategy, directory, Map.of("walltime", "10m"))) {
      List<JobId> jobs = system.submit(spec, copies);
      return await(system, new HashSet<>(jobs));
    }
  }

  private static Map<JobId, JobStatus.Ended> await(BatchSystem system, Set<JobId> open)
      throws InterruptedException {
    Map<JobId, JobStatus.Ended> ends = new LinkedHashMap<>();
    while (!open.isEmpty()) {
      if (system.status(open) instanceof StatusReport.Answered answer) {
        answer.statuses().forEach((job, status) -> {
          if (status instanceof JobStatus.Ended ended) {
            ends.put(job, ended);
          }
        });
        open.removeAll(ends.keySet());
      }
      TimeUnit.MILLISECONDS.sleep(INTERVAL.toMillis());
    }
    return ends;
  }
}
