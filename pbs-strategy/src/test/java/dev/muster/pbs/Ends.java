package dev.muster.pbs;

import static org.awaitility.Awaitility.await;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** How jobs end that ask for too little. */
final class Ends {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Ends() {}

  /** Runs a job that sleeps for longer than it may, and returns how it ended. */
  static JobStatus.Ended ofTooLong(BatchSystem system, Path folder) {
    JobSpec job = JobSpec.builder("long", List.of("sleep", "60"), folder)
        .logs(folder.resolve("logs"))
        .config("walltime", "1s")
        .build();
    JobId id = system.submit(job, 1).get(0);
    await().atMost(PATIENCE).until(() -> status(system, id) instanceof JobStatus.Ended);
    return (JobStatus.Ended) status(system, id);
  }

  private static JobStatus status(BatchSystem system, JobId id) {
    return system.status(Set.of(id)) instanceof StatusReport.Answered answered
        ? answered.statuses().getOrDefault(id, new JobStatus.Pending(null))
        : new JobStatus.Pending(null);
  }
}
