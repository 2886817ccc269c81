package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests on a real Slurm share. */
abstract class SlurmTestBase {
  @TempDir
  Path folder;

  SlurmSite site;
  BatchSystem slurm;

  @BeforeEach
  void open() {
    site = SlurmSite.get();
    slurm = Jobs.open("slurm", folder, config());
  }

  /** Returns the options of the strategy. */
  Map<String, Object> config() {
    return Map.of("poll_interval", "200ms");
  }

  @AfterEach
  void close() {
    if (slurm != null) {
      slurm.close();
      // Jobs write into the folder until they are gone.
      await()
          .atMost(SlurmSite.PATIENCE)
          .untilAsserted(() -> assertThat(site.queue("pool.")).isEmpty());
    }
  }

  /** Returns a job that runs a shell command. */
  JobSpec.Builder job(String command) {
    return JobSpec.builder("pool", List.of("bash", "-c", command), folder)
        .logs(folder.resolve("logs"));
  }

  JobId submit(JobSpec.Builder job) {
    return slurm.submit(job.build(), 1).get(0);
  }

  StatusReport report(JobId job) {
    return slurm.status(Set.of(job));
  }

  JobStatus status(JobId job) {
    return report(job) instanceof StatusReport.Answered answered
        ? answered.statuses().get(job)
        : null;
  }

  /** Waits until a job has a status of a kind, and returns it. */
  <T extends JobStatus> T reach(JobId job, Class<T> kind) {
    await()
        .atMost(SlurmSite.PATIENCE)
        .untilAsserted(() -> assertThat(status(job)).isInstanceOf(kind));
    return kind.cast(status(job));
  }

  JobStatus.Ended end(JobId job) {
    return reach(job, JobStatus.Ended.class);
  }

  void awaitFile(String name) {
    await().atMost(SlurmSite.PATIENCE).until(() -> Files.exists(folder.resolve(name)));
  }

  String content(Path file) throws IOException {
    return Files.readString(file);
  }
}
