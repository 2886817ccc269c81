package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmissionException;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs of a real Slurm: what is asked for, how they end, what they wait for. */
class SlurmJobsIT extends SlurmTestBase {
  private static final String SLEEP = "touch started; exec sleep 600";

  @Test
  void askedForIsWhatIsGiven() {
    Quantities quantities =
        Quantities.builder().cpus(3).memory(MemorySize.parse("512MiB")).gpus(2).build();
    JobId job = submit(job(SLEEP)
        .quantities(quantities)
        .config("queue", "gpu")
        .config("walltime", "01:30:00")
        .config("constraint", "fast")
        .config("job_extra_directives", Map.of("comment", "two words # and \"more\"", "nice", 5)));

    reach(job, JobStatus.Running.class);

    assertThat(site.show(job.id()))
        .contains("Partition=gpu", "TimeLimit=01:30:00", "CPUs/Task=3", "MinMemoryNode=512M")
        .contains("Features=fast", "gpu:2", "Requeue=0", "Nice=5", "NumNodes=1")
        .contains("Comment=two words # and \"more\"")
        .contains("StdOut=" + folder.resolve("logs/out/pool-" + job + ".out"))
        .contains("StdErr=" + folder.resolve("logs/err/pool-" + job + ".err"));
  }

  @Test
  void gpusAreToldToTheJob() throws IOException {
    JobSpec.Builder spec = job("echo \"$SLURM_JOB_GPUS\" >gpus")
        .quantities(Quantities.builder().gpus(2).build())
        .config("queue", "gpu");

    assertThat(end(submit(spec)).end()).isEqualTo(End.SUCCEEDED);
    assertThat(content(folder.resolve("gpus"))).matches("\\d,\\d\n");
  }

  @Test
  void aThousandJobsAreOneSubmissionAndOneQuestion() {
    JobSpec spec = job("true").config("job_extra_directives", List.of("--hold")).build();

    List<JobId> jobs = slurm.submit(spec, 1000);

    assertThat(jobs).hasSize(1000).doesNotHaveDuplicates();
    await().atMost(SlurmSite.PATIENCE).untilAsserted(() -> {
      StatusReport report = slurm.status(Set.copyOf(jobs));
      assertThat(report).isInstanceOf(StatusReport.Answered.class);
      assertThat(((StatusReport.Answered) report).statuses().values())
          .hasSize(1000)
          .allMatch(JobStatus.Held.class::isInstance);
    });
    // By their numbers, which leaves Slurm with a record that names none of them.
    slurm.cancel(Set.copyOf(jobs));
    assertThat(end(jobs.get(999)).end()).isEqualTo(End.CANCELLED);
    assertThat(end(jobs.get(0)).end()).isEqualTo(End.CANCELLED);
  }

  @ParameterizedTest
  @CsvSource({
    "queue, nope, Invalid partition name specified",
    "constraint, nope, Invalid feature specification",
    "reservation, nope, Requested reservation is invalid"
  })
  void aRefusedSubmissionSaysWhyInSlurmsWords(String option, String value, String words) {
    assertThatThrownBy(() -> submit(job("true").config(option, value)))
        .isInstanceOf(SubmissionException.class)
        .hasMessageContaining(words)
        .hasMessageContaining("sbatch --parsable")
        .hasMessageContaining("exit code 1");
    assertThat(site.queue("pool.")).isEmpty();
  }

  @Test
  void memoryThatNoNodeHasIsRefusedWithAdvice() {
    Quantities much = Quantities.builder().memory(MemorySize.parse("100TB")).build();

    assertThatThrownBy(() -> submit(job("true").quantities(much)))
        .isInstanceOf(SubmissionException.class)
        .hasMessageContaining("sinfo --Node --long");
  }

  @Test
  void aHeldJobSaysSoUntilItIsReleased() {
    JobId job = submit(job("true").config("job_extra_directives", List.of("--hold")));
    assertThat(reach(job, JobStatus.Held.class).reason()).contains("JobHeldUser");

    site.run("scontrol", "release", job.id());

    assertThat(end(job)).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
  }

  @Test
  void aJobThatCanNeverStartSaysSo() {
    JobId job = submit(job("true").config("walltime", "3d"));

    await()
        .atMost(SlurmSite.PATIENCE)
        .untilAsserted(() -> assertThat(status(job))
            .isEqualTo(new JobStatus.Impossible(
                "PartitionTimeLimit (the walltime is longer than the partition allows)")));
  }

  @Test
  void aJobThatWaitsSaysWhy() {
    JobId job = submit(job("true").config("job_extra_directives", List.of("--begin=now+1hour")));

    await()
        .atMost(SlurmSite.PATIENCE)
        .untilAsserted(() -> assertThat(status(job))
            .isEqualTo(new JobStatus.Pending("BeginTime (it may start later)")));
  }

  @Test
  void aJobCancelledFromOutsideIsCancelled() {
    List<JobId> jobs = slurm.submit(job(SLEEP).build(), 2);
    reach(jobs.get(0), JobStatus.Running.class);

    site.run("scancel", jobs.get(0).id());

    assertThat(end(jobs.get(0)).end()).isEqualTo(End.CANCELLED);
    assertThat(reach(jobs.get(1), JobStatus.Running.class).host()).startsWith("cpu");
  }

  @Test
  void atTheEndOfItsTimeAJobIsAskedToStopAndTheReasonIsKept() {
    JobId job = submit(job("trap 'touch asked; exit 0' TERM; touch started; sleep 600 & wait"));
    awaitFile("started");

    site.update(job.id(), "EndTime=now+1");

    assertThat(end(job).end()).isEqualTo(End.WALLTIME);
    assertThat(folder.resolve("asked")).exists();
  }

  @Test
  void aJobThatSlurmPutsBackSaysSoAndGoesOn() {
    JobId job = submit(job("touch started; [ -e again ] || exec sleep 600")
        .config("job_extra_directives", List.of("--requeue")));
    awaitFile("started");

    site.run("scontrol", "requeue", job.id());

    assertThat(reach(job, JobStatus.Pending.class).reason()).startsWith("put back into the queue");
    await().atMost(SlurmSite.PATIENCE).untilAsserted(() -> {
      Files.writeString(folder.resolve("again"), "");
      // Not in the second in which it was ended: Slurm would take the new start for the old one.
      site.update(job.id(), "StartTime=now+3");
    });
    assertThat(end(job)).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
  }

  @Test
  void aLostNodeIsToldAndNotTakenForAFailure() {
    JobId job = submit(job(SLEEP).config("queue", "highmem"));
    awaitFile("started");
    try {
      site.nodeDown("mem1");

      assertThat(end(job).end()).isEqualTo(End.NODE_LOST);
    } finally {
      site.awaitNodes();
    }
  }

  @Test
  void aJobThatUsesTooMuchMemoryIsToldSoByItsErrorLog() {
    JobSpec.Builder spec = job("exec perl -e '$x = chr(1) x 400000000; sleep 60'")
        .quantities(Quantities.builder().memory(MemorySize.parse("50MiB")).build());

    JobStatus.Ended ended = end(submit(spec));

    // A site with cgroups says so in the state; this one has none.
    assertThat(ended.end()).isEqualTo(End.OUT_OF_MEMORY);
    assertThat(ended.exitCode()).isEqualTo(137);
  }

  @Test
  void hostileNamesAndValuesAreData() throws IOException {
    Path hostile = Files.createDirectories(folder.resolve(
        "year=2018, at 10:00:00 o'neil 50% %A \"done\" $(touch pwned) `touch pwned` #1;é"));
    String value = "'; touch pwned #\n$(touch pwned) \"x\" \\";
    JobSpec spec = JobSpec.builder(
            "a b/$c%j",
            List.of(
                "bash", "-c", "printf '%s\\n%s\\n' \"$1\" \"$VALUE\" >seen; echo out", "-", value),
            hostile)
        .logs(hostile.resolve("logs"))
        .variable("VALUE", value)
        .config("job_extra_directives", Map.of("comment", "x\" #$(touch pwned)'"))
        .build();

    slurm.close();
    slurm = Jobs.open("slurm", hostile, Map.of("poll_interval", "200ms"));
    JobId job = slurm.submit(spec, 1).get(0);

    assertThat(end(job)).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
    assertThat(content(hostile.resolve("seen"))).isEqualTo(value + "\n" + value + "\n");
    assertThat(content(spec.outFile(job.id()))).isEqualTo("out\n");
    assertThat(folder.resolve("pwned")).doesNotExist();
    assertThat(hostile.resolve("pwned")).doesNotExist();
  }

  @Test
  void variablesOfTheUsersShellChangeNothing() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("SBATCH_PARTITION", "nope");
    environment.put("SBATCH_TIMELIMIT", "1-12:00:00");
    environment.put("SBATCH_ARRAY_INX", "5-9");
    environment.put("SBATCH_OUTPUT", "/nonexistent/out");
    environment.put("SBATCH_WAIT", "1");
    environment.put("SQUEUE_PARTITION", "gpu");
    environment.put("SQUEUE_STATES", "SUSPENDED");
    environment.put("SQUEUE_FORMAT", "%i");
    environment.put("SCANCEL_NAME", "another");
    environment.put("SCANCEL_INTERACTIVE", "1");
    try (BatchSystem other =
        Jobs.open(new SlurmStrategy(), folder, Map.of("poll_interval", "200ms"), environment)) {
      JobSpec spec = job(SLEEP).config("queue", "cpu").config("walltime", "1h").build();
      Set<JobId> jobs = Set.copyOf(other.submit(spec, 2));

      await()
          .atMost(SlurmSite.PATIENCE)
          .untilAsserted(() -> assertThat(other.status(jobs))
              .isInstanceOfSatisfying(
                  StatusReport.Answered.class,
                  report -> assertThat(report.statuses().values())
                      .hasSize(2)
                      .allMatch(JobStatus.Running.class::isInstance)));
      other.cancel(jobs);
      await()
          .atMost(SlurmSite.PATIENCE)
          .untilAsserted(() -> assertThat(other.status(jobs))
              .isInstanceOfSatisfying(
                  StatusReport.Answered.class,
                  report -> assertThat(report.statuses().values()).allMatch(JobStatus::ended)));
    }
  }
}
