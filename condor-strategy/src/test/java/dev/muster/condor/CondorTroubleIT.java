package dev.muster.condor;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An HTCondor that goes away, forgets, or is left alone. */
class CondorTroubleIT extends CondorTestBase {
  private static final String UNTIL_GO =
      "touch started; until [ -e go ]; do read -rt 0.2 <> <(:) || :; done; ";

  private void go() throws IOException {
    Files.createFile(folder.resolve("go"));
  }

  @Test
  void aQueueThatGoesAwayAndComesBackLosesNothing() throws IOException {
    JobId finishing = submit(job(UNTIL_GO + "exit 4"));
    JobId running = submit(job("exec sleep 600"));
    JobId waiting = submit(job("exit 5").config("job_extra_directives", List.of("hold = True")));
    awaitFile("started");
    reach(running, JobStatus.Running.class);
    reach(waiting, JobStatus.Held.class);
    try {
      site.stopQueue();
      go();
      assertThat(status(running)).as("told by its log").isInstanceOf(JobStatus.Running.class);
      assertThat(status(waiting)).isInstanceOf(JobStatus.Held.class);
    } finally {
      site.startQueue();
    }

    JobStatus.Ended end = end(finishing);
    assertThat(end.exitCode()).as(end.toString()).isEqualTo(4);
    reach(running, JobStatus.Running.class);
    site.run("condor_release", waiting.id());
    assertThat(end(waiting).exitCode()).isEqualTo(5);
  }

  @Test
  void aSubmissionToAQueueThatIsAwayArrivesOnceWhenItIsBack() throws Exception {
    JobSpec spec = job("exec sleep 600").build();
    CompletableFuture<List<JobId>> submitted;
    try {
      site.stopQueue();
      submitted = CompletableFuture.supplyAsync(() -> condor.submit(spec, 3));
      await().atMost(CondorSite.PATIENCE).until(() -> descriptions() >= 2);
    } finally {
      site.startQueue();
    }

    List<JobId> jobs = submitted.get(2, TimeUnit.MINUTES);

    assertThat(jobs).hasSize(3);
    for (JobId job : jobs) {
      reach(job, JobStatus.Running.class);
    }
    assertThat(site.queue("pool.")).hasSize(3);
  }

  private long descriptions() {
    String[] files = folder.resolve("jobs").toFile().list((place, name) -> name.endsWith(".sub"));
    return files == null ? 0 : files.length;
  }

  /** Opens a system whose commands of that name do not work. */
  private BatchSystem without(String... commands) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    for (String command : commands) {
      Path file = bin.resolve(command);
      Files.writeString(file, "#!/bin/sh\necho \"$0 is broken\" >&2\nexit 1\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("PATH", bin + File.pathSeparator + environment.get("PATH"));
    return Jobs.open(new CondorStrategy(), folder, Map.of("poll_interval", "200ms"), environment);
  }

  @Test
  void theLogAloneTellsTheStatesOfJobs() throws IOException {
    condor.close();
    condor = without("condor_q", "condor_history");
    JobId job = submit(job(UNTIL_GO + "exit 6"));
    awaitFile("started");
    reach(job, JobStatus.Running.class);
    go();
    assertThat(end(job).exitCode()).isEqualTo(6);
  }

  @Test
  void theQueueAndItsHistoryTellTheStatesOfJobsWhoseLogIsLost() throws IOException {
    JobId job = submit(job(UNTIL_GO + "kill -KILL $$"));
    JobId held = submit(job("true").config("job_extra_directives", List.of("hold = True")));
    awaitFile("started");
    reach(job, JobStatus.Running.class);
    try (var logs = Files.newDirectoryStream(folder.resolve("logs/logs"))) {
      for (Path log : logs) {
        Files.delete(log);
        Files.createSymbolicLink(log, folder.resolve("nowhere/log")); // so that it cannot come back
      }
    }
    JobStatus running = reach(job, JobStatus.Running.class);
    assertThat(running)
        .isInstanceOfSatisfying(
            JobStatus.Running.class, where -> assertThat(where.host()).isNotBlank());
    assertThat(reach(held, JobStatus.Held.class).reason()).contains("hold code");
    go();
    JobStatus.Ended end = end(job);
    assertThat(end.exitCode()).as(end.toString()).isEqualTo(137);
    site.run("condor_rm", held.id());
    assertThat(end(held).end()).isEqualTo(End.CANCELLED);
  }

  @Test
  void whenNothingAnswersNothingIsKnown() throws IOException {
    condor.close();
    condor = without("condor_q", "condor_history");
    JobId job = submit(job("exec sleep 600"));
    reach(job, JobStatus.Running.class);
    try (var logs = Files.newDirectoryStream(folder.resolve("logs/logs"))) {
      for (Path log : logs) {
        Files.delete(log);
        Files.createDirectory(log);
      }
    }
    await()
        .atMost(CondorSite.PATIENCE)
        .untilAsserted(() -> assertThat(report(job))
            .isInstanceOfSatisfying(
                StatusReport.Unavailable.class,
                unavailable -> assertThat(unavailable.reason()).contains("condor_q is broken")));
  }

  @Test
  void cancellingJobsThatAreGoneIsNoTrouble() {
    JobId job = submit(job("exec sleep 600"));
    JobId other = submit(job("exec sleep 600"));
    reach(job, JobStatus.Running.class);
    site.run("condor_rm", job.id());
    condor.cancel(Set.of(job, other));
    assertThat(end(job).end()).isEqualTo(End.CANCELLED);
    assertThat(end(other).end()).isEqualTo(End.CANCELLED);
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
      await().atMost(CondorSite.PATIENCE).untilAsserted(() -> {
        assertThat(jvm.isAlive()).as(content(folder.resolve("jvm.log"))).isTrue();
        assertThat(site.queue("orphans.")).hasSize(4);
      });
    } finally {
      jvm.destroyForcibly().waitFor();
    }

    await()
        .atMost(CondorSite.PATIENCE)
        .untilAsserted(() -> assertThat(site.queue("orphans.")).isEmpty());
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
      JobSpec spec = JobSpec.builder("orphans", List.of("sleep", "600"), folder)
          .logs(folder.resolve("logs"))
          .build();
      try (BatchSystem condor = Jobs.open("htcondor", folder.resolve("jvm"), Map.of())) {
        condor.submit(spec, 2);
        condor.submit(
            spec.toBuilder()
                .config("job_extra_directives", List.of("hold = True"))
                .build(),
            2);
        System.in.read();
      }
    }
  }
}
