package dev.muster.gridengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.resource.Quantities;
import dev.muster.testkit.BatchSystemContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The contract, and what is Grid Engine's own, on the one of {@code scripts/sites/gridengine-up.sh}. */
class GridEngineIT extends BatchSystemContract {
  private static final String[] HOLD = {"-h"};

  // Not the folder that is removed at once after a test: jobs that were cancelled may still write.
  private final Path place = newFolder();
  private final GridEngineSite site = GridEngineSite.get();
  private BatchSystem system;

  private static Path newFolder() {
    try {
      return Files.createTempDirectory(
          Files.createDirectories(Path.of("target/contract").toAbsolutePath()), "test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected Path directory() {
    return place;
  }

  @Override
  protected BatchDialect dialect() {
    return new GridEngineDialect();
  }

  @Override
  protected BatchSystem open(Path directory) {
    system = Jobs.open(
        "gridengine", directory, Map.of("poll_interval", "200ms", "command_timeout", "5s"));
    return system;
  }

  @Override
  protected boolean makePending(JobSpec.Builder job) {
    job.config("job_extra_directives", List.of(HOLD));
    return true;
  }

  @Override
  protected boolean makeRejected(JobSpec.Builder job) {
    job.config("queue", "nowhere.q");
    return true;
  }

  private JobSpec.Builder job(String command) {
    return JobSpec.builder("pool", List.of("bash", "-c", command), place)
        .logs(place.resolve("logs"));
  }

  private JobId submit(JobSpec.Builder job) {
    return system.submit(job.build(), 1).get(0);
  }

  private JobStatus state(JobId job) {
    return system.status(Set.of(job)) instanceof StatusReport.Answered answered
        ? answered.statuses().get(job)
        : null;
  }

  private <T extends JobStatus> T reach(JobId job, Class<T> kind) {
    await()
        .atMost(GridEngineSite.PATIENCE)
        .untilAsserted(() -> assertThat(state(job)).isInstanceOf(kind));
    return kind.cast(state(job));
  }

  private void reach(JobId job, End end) {
    JobStatus.Ended ended = reach(job, JobStatus.Ended.class);
    assertThat(ended.end()).as(ended.describe()).isEqualTo(end);
  }

  private static String number(JobId job) {
    return GridEngineIds.number(job);
  }

  @Test
  void tellsEndsApart() {
    String holds = "python3 -c 'import time; x = b\"1\" * 200000000; time.sleep(60)'";
    JobId walltime = submit(job("sleep 60").config("walltime", "2s"));
    JobId memory = submit(job(holds + " & " + holds + " & wait; sleep 60")
        .quantities(Quantities.builder().memory("300MB").build()));
    JobId limited = submit(job("python3 -c 'b\"1\" * 900000000'")
        .quantities(Quantities.builder().memory("300MB").build()));
    JobId again = submit(job("exit 99"));
    JobId error = submit(job("exit 100"));
    JobId removed = submit(job("sleep 60"));
    JobId forced = submit(job("sleep 60"));
    reach(removed, JobStatus.Running.class);
    reach(forced, JobStatus.Running.class);
    site.run("qdel", number(removed));
    site.run("qdel", "-f", number(forced));
    assertThat(reach(again, JobStatus.Ended.class))
        .isEqualTo(new JobStatus.Ended(End.FAILED, 99, null));
    assertThat(reach(error, JobStatus.Ended.class))
        .isEqualTo(new JobStatus.Ended(End.FAILED, 100, null));
    reach(limited, End.OUT_OF_MEMORY);
    reach(walltime, End.WALLTIME);
    reach(memory, End.OUT_OF_MEMORY);
    reach(removed, End.CANCELLED);
    reach(forced, End.LOST);
  }

  @Test
  void saysWhyJobsDoNotStart() {
    JobId never = submit(job("true").quantities(Quantities.builder().gpus(100).build()));
    JobId held = submit(job("exit 5").config("job_extra_directives", List.of(HOLD)));
    JobId error = submit(job("true").config("job_extra_directives", List.of(HOLD)));
    site.run("qalter", "-o", "/nonexistent/x", number(error));
    site.run("qrls", number(error));
    assertThat(reach(held, JobStatus.Held.class).reason()).isEqualTo("on hold (hqw)");
    site.run("qrls", number(held));
    await()
        .atMost(GridEngineSite.PATIENCE)
        .untilAsserted(
            () -> assertThat(state(error))
                .isEqualTo(
                    new JobStatus.Held(
                        "in error state (Eqw): can't open output file \"/nonexistent/x\": No such file or directory")));
    assertThat(reach(never, JobStatus.Impossible.class).reason()).contains("gpu=100");
    assertThat(reach(held, JobStatus.Ended.class).exitCode()).isEqualTo(5);
  }

  @Test
  void whatAUserWritesIsNeitherAnOptionNorSeenByOthers() throws IOException {
    JobId job = submit(job("printf '%s' \"$TEXT\" >text; printf '%s' \"$HOME\" >home")
        .variable("TEXT", "one\n#$ -N evil\n#$ -t 1-5")
        .quantities(Quantities.builder().cpus(2).gpus(1).memory("1GB").build())
        .config("job_extra_directives", List.of(HOLD)));
    assertThat(site.run("qstat", "-j", number(job)))
        .containsPattern("(?m)^job_name: +muster\\.pool\\.")
        .containsPattern("(?m)^job-array tasks: +1-1:1$")
        .containsPattern("(?m)^hard resource_list: +h_vmem=477M,gpu=1$")
        .containsPattern("(?m)^parallel environment: +smp range: 2$")
        .doesNotContain("evil", "PATH=");
    site.run("qrls", number(job));
    reach(job, End.SUCCEEDED);
    assertThat(Files.readString(place.resolve("text"))).isEqualTo("one\n#$ -N evil\n#$ -t 1-5");
    assertThat(Files.readString(place.resolve("home"))).isEqualTo(System.getenv("HOME"));
  }

  @Test
  void saysThatTheHostOfAJobDoesNotAnswer() {
    site.maxUnheard("00:00:08");
    JobId job = submit(job("exec sleep 600").config("queue", "highmem.q"));
    try {
      String host = reach(job, JobStatus.Running.class).host();
      assertThat(host).isEqualTo("mem1");
      site.answer(host, false);
      try {
        assertThat(reach(job, JobStatus.Held.class).reason())
            .isEqualTo("its host mem1 does not answer (queue state u)");
      } finally {
        site.answer(host, true);
      }
      reach(job, JobStatus.Running.class);
    } finally {
      site.maxUnheard("00:05:00");
    }
  }

  @Test
  void cancellingWhatIsGoneSucceeds() {
    site.run(new GridEngineDialect().cancelCommand("no.such-1").toArray(String[]::new));
  }

  @Test
  void aQmasterThatHangsOrIsKilledLosesNothing() throws Exception {
    JobId finishing = submit(job("until [ -e go ]; do read -rt 0.2 <> <(:) || :; done; exit 4"));
    JobId running = submit(job("exec sleep 600"));
    reach(finishing, JobStatus.Running.class);
    reach(running, JobStatus.Running.class);
    site.answer(false);
    try {
      unavailable(running);
    } finally {
      site.answer(true);
    }
    reach(running, JobStatus.Running.class);

    JobSpec spec = job("exec sleep 600").build();
    CompletableFuture<List<JobId>> submitted;
    site.killQmaster();
    try {
      unavailable(running);
      Files.createFile(place.resolve("go"));
      submitted = CompletableFuture.supplyAsync(() -> system.submit(spec, 2));
    } finally {
      site.up();
    }
    assertThat(reach(finishing, JobStatus.Ended.class).exitCode()).isEqualTo(4);
    reach(running, JobStatus.Running.class);
    List<JobId> late = submitted.get(2, TimeUnit.MINUTES);
    assertThat(late).hasSize(2);
    reach(late.get(0), JobStatus.Running.class);
  }

  private void unavailable(JobId job) {
    await()
        .atMost(GridEngineSite.PATIENCE)
        .until(() -> system.status(Set.of(job)) instanceof StatusReport.Unavailable);
  }
}
