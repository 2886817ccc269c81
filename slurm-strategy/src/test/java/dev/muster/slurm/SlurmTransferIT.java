package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.execution.Staging;
import dev.muster.testkit.TransferContract;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are sent to jobs of a real Slurm whose nodes do not see the folders of this machine. */
class SlurmTransferIT extends TransferContract {
  @TempDir
  Path folder;

  private final SlurmSite site = SlurmSite.apart();

  @Override
  protected Path directory() {
    return folder;
  }

  @Override
  protected BatchSystem open(Path directory) {
    return Jobs.open(
        new SlurmStrategy(), directory, Map.of("poll_interval", "200ms"), site.environment());
  }

  @Test
  void aFileThatIsGoneWhenTheJobRunsFailsTheJob() throws IOException {
    Path file = file("soon gone", "x");
    JobId job = submit(job("true", file).config("job_extra_directives", List.of("--hold")));
    Files.delete(file);
    site.run("scontrol", "release", job.id());

    JobStatus.Ended end = end(job);

    assertThat(end.end()).isEqualTo(End.FAILED);
    assertThat(end.reason())
        .contains(
            "its files could not be sent: " + file + ", which is to be sent to the job, is gone");
  }

  @Test
  void aJobWhoseFilesDoNotComeSaysSo() throws IOException {
    // Nobody asks for it, so nobody sends.
    JobSpec.Builder spec = job("true", file("any", "x")).config("transfer_timeout", "1s");
    JobId job = submit(spec);
    await()
        .atMost(SlurmSite.PATIENCE)
        .untilAsserted(() -> assertThat(site.show(job.id())).contains("JobState=FAILED"));

    assertThat(end(job).exitCode()).isEqualTo(JobScript.ARRIVAL_FAILED);
    assertThat(errors(spec, job))
        .contains("the job's files did not come to ")
        .contains("within 1 s (config.transfer_timeout)");
  }

  @Test
  void aJobThatRunsAgainGetsItsFilesAgain() throws IOException {
    JobId job = submit(job(
            "[ \"$(cat any)\" = x ] && [ \"${SLURM_RESTART_COUNT:-0}\" = 1 ] || exec sleep 600",
            file("any", "x"))
        .config("job_extra_directives", List.of("--requeue")));
    until("job " + job + " runs", () -> status(job) instanceof JobStatus.Running);
    site.run("scontrol", "requeue", job.id());
    until("job " + job + " waits", () -> status(job) instanceof JobStatus.Pending);
    // A start in the same second is one that slurmd takes for the first.
    site.update(job.id(), "StartTime=now+3");

    JobStatus.Ended end = end(job);

    assertThat(end.end()).as("%s", end).isEqualTo(End.SUCCEEDED);
  }

  @Test
  void aFileIsNotSentToANodeThatHasWhatItBrings() throws IOException {
    Path brought = file("brought", "x");
    String there = "/tmp/muster-test-" + System.nanoTime();
    Map<Path, String> unless = Map.of(brought, "[ -e " + there + " ]");

    succeeds(job("[ \"$(cat brought)\" = x ]\n[ \"$(cat any)\" = y ]\ntouch " + there)
        .files(List.of(brought, file("any", "y")))
        .unless(unless)
        .config("job_extra_directives", node()));
    succeeds(job("rm " + there + "\n[ ! -e brought ]\n[ \"$(cat any)\" = y ]")
        .files(List.of(brought, file("any", "y")))
        .unless(unless)
        .config("job_extra_directives", node()));
    succeeds(job("[ \"$(cat brought)\" = x ]")
        .files(List.of(brought))
        .unless(unless)
        .config("job_extra_directives", node()));
  }

  @Test
  void aJobThatRunsAgainIsAskedAgainWhatItHas() throws IOException {
    Path brought = file("brought", "x");
    String there = "/tmp/muster-test-" + System.nanoTime();
    JobSpec.Builder spec = job(
            "if [ ! -e " + there + " ]; then touch " + there + "; exec sleep 600; fi\nrm " + there
                + "\n[ ! -e brought ]",
            brought)
        .unless(Map.of(brought, "[ -e " + there + " ]"))
        .config("job_extra_directives", List.of("--requeue", "--nodelist=cpu1"));
    JobId job = submit(spec);
    until("job " + job + " runs", () -> status(job) instanceof JobStatus.Running);
    succeeds(job("until [ -e " + there + " ]; do sleep 0.1; done")
        .config("job_extra_directives", node()));
    site.run("scontrol", "requeue", job.id());
    until("job " + job + " waits", () -> status(job) instanceof JobStatus.Pending);
    site.update(job.id(), "StartTime=now+3");

    JobStatus.Ended end = end(job);

    assertThat(end.end()).as("%s: %s", end, errors(spec, job)).isEqualTo(End.SUCCEEDED);
  }

  /** The id of an array is that of its last job: when that is over, Slurm says so of all by their ids. */
  @Test
  void jobsOfAnArrayGetTheirFilesWhenItsLastIsOver() throws IOException {
    Path brought = file("brought", "x");
    String there = "/tmp/muster-test-" + System.nanoTime();
    String first =
        "[ \"$SLURM_ARRAY_TASK_ID\" = 1 ] || until [ -e " + there + " ]; do sleep 0.1; done\nfalse";
    JobSpec.Builder spec = job("[ \"$(cat brought)\" = x ]", brought)
        .unless(Map.of(brought, first))
        .config("job_extra_directives", node());
    List<JobId> jobs = system().submit(spec.build(), 2);
    JobStatus.Ended last = end(jobs.get(1));
    assertThat(last.end()).as("%s", last).isEqualTo(End.SUCCEEDED);
    succeeds(job("touch " + there).config("job_extra_directives", node()));

    JobStatus.Ended end = end(jobs.get(0));

    assertThat(end.end()).as("%s: %s", end, errors(spec, jobs.get(0))).isEqualTo(End.SUCCEEDED);
    succeeds(job("rm " + there).config("job_extra_directives", node()));
  }

  private static List<String> node() {
    return List.of("--nodelist=cpu1");
  }

  @Test
  void aJobIsCancelledWhileItsFileIsOnItsWay() throws IOException {
    Path big = folder.resolve("big");
    try (RandomAccessFile file = new RandomAccessFile(big.toFile(), "rw")) {
      file.setLength(8L << 30); // takes up no space
    }
    JobId job = submit(job("true", big));
    until("job " + job + " runs", () -> status(job) instanceof JobStatus.Running);
    until("a send", () -> status(job) instanceof JobStatus.Running && sends(job) > 0);

    system().cancel(Set.of(job));

    assertThat(end(job).end()).isEqualTo(End.CANCELLED);
    await().atMost(SlurmSite.PATIENCE).until(() -> sends(job) == 0);
  }

  private static long sends(JobId job) {
    return ProcessHandle.allProcesses()
        .filter(
            process -> process.info().commandLine().orElse("").contains("-" + job.id() + "/files/"))
        .count();
  }

  @Test
  void wordsThatMayBeSecretsDoNotReachTheComment() throws IOException {
    String token = "eyJhbGciOiJSUzI1NiJ9." + "a1B2-_".repeat(20) + "." + "Zz9".repeat(30);
    JobSpec.Builder spec =
        job("echo 'refused: '\"$(cat token)\" >&2; exit 1", file("token", token));
    JobId job = submit(spec);

    assertThat(end(job).end()).isEqualTo(End.FAILED);
    assertThat(site.show(job.id()))
        .contains("refused: (long word)")
        .doesNotContain(token.substring(25, 40));
  }

  @Test
  void jobsOfAJvmThatIsKilledLeaveTheQueue() throws Exception {
    ProcessBuilder builder = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            String.join(
                File.pathSeparator,
                System.getProperty("java.class.path"),
                System.getProperty("jdk.module.path", ""),
                Path.of("target/test-classes").toAbsolutePath().toString()),
            Submitter.class.getName(),
            folder.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("jvm.log").toFile());
    builder.environment().putAll(site.environment());
    Process jvm = builder.start();
    try {
      await().atMost(SlurmSite.PATIENCE).untilAsserted(() -> {
        assertThat(jvm.isAlive())
            .as(Files.readString(folder.resolve("jvm.log")))
            .isTrue();
        assertThat(site.queue("orphans.")).hasSize(3);
        assertThat(folder.resolve("jvm.log")).content().contains("all run");
      });
    } finally {
      jvm.destroyForcibly().waitFor();
    }

    await()
        .atMost(SlurmSite.PATIENCE)
        .untilAsserted(() -> assertThat(site.queue("orphans.")).isEmpty());
  }

  /** A program that submits jobs with files, sees them run, and then waits to be killed. */
  static final class Submitter {
    private Submitter() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      JobSpec spec = JobSpec.builder("orphans", List.of("sleep", "600"), folder)
          .files(List.of(Files.writeString(folder.resolve("file"), "x")))
          .staging(Staging.TRANSFER)
          .build();
      try (BatchSystem slurm = Jobs.open("slurm", folder.resolve("jvm"), Map.of())) {
        List<JobId> jobs = slurm.submit(spec, 3);
        await()
            .atMost(SlurmSite.PATIENCE)
            .until(() -> slurm.status(Set.copyOf(jobs)) instanceof StatusReport.Answered answered
                && answered.statuses().values().stream()
                    .allMatch(JobStatus.Running.class::isInstance));
        System.out.println("all run");
        System.in.read();
      }
    }
  }
}
