package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A Slurm that goes away, forgets, or is left alone. */
class SlurmTroubleIT extends SlurmTestBase {
  /** Commands are given up soon: without a controller, Slurm's own try for a minute and a half. */
  @Override
  Map<String, Object> config() {
    return Map.of("poll_interval", "200ms", "command_timeout", "5s");
  }

  @Test
  void aControllerThatGoesAwayAndComesBackLosesNothing() throws IOException {
    JobId finishing =
        submit(job("touch started; until [ -e go ]; do read -rt 0.2 <> <(:) || :; done; exit 4"));
    JobId running = submit(job("exec sleep 600"));
    JobId waiting = submit(job("exit 5").config("job_extra_directives", List.of("--hold")));
    awaitFile("started");
    reach(running, JobStatus.Running.class);
    reach(waiting, JobStatus.Held.class);
    try {
      site.stopController();
      await()
          .atMost(SlurmSite.PATIENCE)
          .untilAsserted(
              () -> assertThat(report(running)).isInstanceOf(StatusReport.Unavailable.class));
      assertThat(folder.resolve("go").toFile().createNewFile()).isTrue();
    } finally {
      site.up();
    }

    assertThat(end(finishing))
        .extracting(JobStatus.Ended::end, JobStatus.Ended::exitCode)
        .containsExactly(End.FAILED, 4);
    reach(running, JobStatus.Running.class);
    site.run("scontrol", "release", waiting.id());
    assertThat(end(waiting).exitCode()).isEqualTo(5);
  }

  @Test
  void aSubmissionToAControllerThatIsAwayArrivesOnceWhenItIsBack() throws Exception {
    JobSpec spec = job("exec sleep 600").build();
    CompletableFuture<List<JobId>> submitted;
    try {
      site.stopController();
      submitted = CompletableFuture.supplyAsync(() -> slurm.submit(spec, 3));
      await().atMost(SlurmSite.PATIENCE).until(() -> jobFiles() >= 2);
    } finally {
      site.up();
    }

    List<JobId> jobs = submitted.get(2, TimeUnit.MINUTES);

    assertThat(jobs).hasSize(3);
    for (JobId job : jobs) {
      reach(job, JobStatus.Running.class);
    }
    assertThat(site.queue("pool.")).hasSize(3);
    assertThat(jobFiles()).as("attempts").isGreaterThanOrEqualTo(2);
  }

  private long jobFiles() {
    String[] scripts = folder.resolve("jobs").toFile().list((place, name) -> name.endsWith(".sh"));
    return scripts == null ? 0 : scripts.length;
  }

  @Test
  void jobsThatSlurmHasForgottenAreKnownByTheirExitCodes() throws IOException {
    JobId good = submit(job("exit 0"));
    JobId bad = submit(job("exit 7"));
    // Only Slurm itself is asked as long as it knows them. A controller that begins anew, as it
    // does to read its
    // configuration, may not hear of an end.
    await()
        .atMost(SlurmSite.PATIENCE)
        .untilAsserted(() -> assertThat(site.states(good, bad))
            .hasSize(2)
            .allMatch(state -> state.matches("\\S+ (COMPLETED|FAILED) .*")));
    try {
      site.configure("MinJobAge", "2");
      await()
          .atMost(SlurmSite.PATIENCE.multipliedBy(2))
          .pollInterval(java.time.Duration.ofSeconds(1))
          .untilAsserted(() -> assertThat(site.states(good, bad)).isEmpty());
    } finally {
      site.configure("MinJobAge", "300");
    }

    assertThat(end(good))
        .extracting(JobStatus.Ended::end, JobStatus.Ended::exitCode)
        .containsExactly(End.SUCCEEDED, 0);
    assertThat(end(bad))
        .extracting(JobStatus.Ended::end, JobStatus.Ended::exitCode)
        .containsExactly(End.FAILED, 7);
  }

  @Test
  void jobsOfAJvmThatIsKilledLeaveTheQueue() throws Exception {
    Process jvm = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            Submitter.class.getName(),
            folder.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("jvm.log").toFile())
        .start();
    try {
      await().atMost(SlurmSite.PATIENCE).untilAsserted(() -> {
        assertThat(jvm.isAlive()).as(content(folder.resolve("jvm.log"))).isTrue();
        assertThat(site.queue("orphans.")).hasSize(4);
      });
    } finally {
      jvm.destroyForcibly().waitFor();
    }

    await()
        .atMost(SlurmSite.PATIENCE)
        .untilAsserted(() -> assertThat(site.queue("orphans.")).isEmpty());
    // The process that did so is over, too.
    await()
        .atMost(SlurmSite.PATIENCE)
        .untilAsserted(() -> assertThat(folder.resolve("jvm/jobs/watchdog-slurm.log"))
            .content()
            .endsWith("all commands succeeded\n"));
  }

  private static String classPath() {
    return String.join(
        File.pathSeparator,
        System.getProperty("java.class.path"),
        System.getProperty("jdk.module.path", ""),
        Path.of("target/test-classes").toAbsolutePath().toString());
  }

  /** A program that submits jobs and then waits to be killed. */
  static final class Submitter {
    private Submitter() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      JobSpec spec = JobSpec.builder("orphans", List.of("sleep", "600"), folder).build();
      try (BatchSystem slurm = Jobs.open("slurm", folder.resolve("jvm"), Map.of())) {
        slurm.submit(spec, 2);
        slurm.submit(
            spec.toBuilder().config("job_extra_directives", List.of("--hold")).build(), 2);
        System.in.read();
      }
    }
  }
}
