package dev.muster.condor;

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
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What tests on a real HTCondor share. Their files stay until the pool is wiped: HTCondor may write logs of jobs after
 * their end.
 */
abstract class CondorTestBase {
  @TempDir(factory = CondorSite.SharedFolder.class, cleanup = CleanupMode.NEVER)
  Path folder;

  CondorSite site;
  BatchSystem condor;

  @BeforeEach
  void open() {
    site = CondorSite.get();
    condor = Jobs.open("htcondor", folder, Map.of("poll_interval", "200ms"));
  }

  @AfterEach
  void close() {
    if (condor != null) {
      condor.close();
    }
  }

  /** Returns a job that runs a shell command. */
  JobSpec.Builder job(String command) {
    return JobSpec.builder("pool", List.of("bash", "-c", command), folder)
        .logs(folder.resolve("logs"));
  }

  JobId submit(JobSpec.Builder job) {
    return condor.submit(job.build(), 1).get(0);
  }

  StatusReport report(JobId job) {
    return condor.status(Set.of(job));
  }

  JobStatus status(JobId job) {
    return report(job) instanceof StatusReport.Answered answered
        ? answered.statuses().get(job)
        : null;
  }

  /** Waits until a job has a status of a kind, and returns it. */
  <T extends JobStatus> T reach(JobId job, Class<T> kind) {
    JobStatus[] found = new JobStatus[1];
    await().atMost(CondorSite.PATIENCE).untilAsserted(() -> {
      found[0] = status(job);
      assertThat(found[0]).isInstanceOf(kind);
    });
    return kind.cast(found[0]);
  }

  JobStatus.Ended end(JobId job) {
    return reach(job, JobStatus.Ended.class);
  }

  void awaitFile(String name) {
    await().atMost(CondorSite.PATIENCE).until(() -> Files.exists(folder.resolve(name)));
  }

  String content(Path file) throws IOException {
    return Files.readString(file);
  }
}
