package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.SubmissionException;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Jobs on a real HTCondor, from submission to end. */
class CondorJobsIT extends CondorTestBase {
  private static final String ENDLESS = "exec sleep 600";

  @Test
  void oneSubmissionMakesManyJobs() {
    List<JobId> jobs = condor.submit(job("exit $((MUSTER_JOB_INDEX % 3))").build(), 30);
    assertThat(jobs.stream().map(id -> id.id().replaceFirst("\\..*", "")).distinct())
        .hasSize(1);
    for (int index = 0; index < 30; index++) {
      assertThat(end(jobs.get(index)).exitCode()).isEqualTo(index % 3);
    }
  }

  @Test
  void aJobHasAHomeAndAPathAndNothingElseOfTheSubmitter() throws IOException {
    JobSpec spec =
        job("sh -c 'echo \"$HOME$MUSTER_CONDOR_USER\"; env | grep -c ^PATH='").build();
    JobId job = condor.submit(spec, 1).get(0);
    assertThat(end(job).end()).isEqualTo(End.SUCCEEDED);
    assertThat(content(spec.outFile(job.id())))
        .isEqualTo(System.getProperty("user.home") + "\n1\n");
  }

  @Test
  void outputGrowsWhileTheJobRuns() throws IOException {
    JobSpec spec = job("echo here; touch written; " + ENDLESS).build();
    JobId job = condor.submit(spec, 1).get(0);
    awaitFile("written");
    assertThat(content(spec.outFile(job.id()))).isEqualTo("here\n");
    assertThat(reach(job, JobStatus.Running.class).host()).isNotBlank();
  }

  @Test
  void asksForQuantitiesInTheUnitsOfHtcondor() {
    JobId job = submit(job("true")
        .quantities(Quantities.builder()
            .cpus(3)
            .memory(MemorySize.parse("2GiB"))
            .disk(MemorySize.parse("5MiB"))
            .build())
        .config("walltime", "02:00:00")
        .config("account", "group_x.someone")
        .config("job_extra_directives", Map.of("hold", "True")));
    assertThat(site.attribute(job.id(), "RequestCpus")).isEqualTo("3");
    assertThat(site.attribute(job.id(), "RequestMemory")).isEqualTo("2048");
    assertThat(site.attribute(job.id(), "RequestDisk")).isEqualTo("5120");
    assertThat(site.attribute(job.id(), "MaxRuntime")).isEqualTo("7200");
    assertThat(site.attribute(job.id(), "AccountingGroup")).startsWith("\"group_x.someone");
  }

  @Test
  void aJobWithAProxyTellsHtcondorOfItAndReadsTheCopyOfTheRun() throws Exception {
    String make =
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /O=Test/CN=User"
            + " && openssl req -newkey rsa:2048 -nodes -keyout pk.pem -out p.csr -subj /O=Test/CN=User/CN=77"
            + " && printf 'proxyCertInfo=critical,language:id-ppl-inheritAll\\nkeyUsage=critical,digitalSignature\\n' >p.ext"
            + " && openssl x509 -req -in p.csr -CA c.pem -CAkey k.pem -set_serial 77 -days 1 -extfile p.ext -out p.pem"
            + " && (umask 077; cat p.pem pk.pem c.pem >x509)";
    assertThat(new ProcessBuilder("bash", "-c", make)
            .directory(folder.toFile())
            .inheritIO()
            .start()
            .waitFor())
        .isZero();
    Path proxy = folder.resolve("x509");
    JobId job =
        submit(job("echo \"$X509_USER_PROXY\" >seen; touch started; [ -e go ] || exec sleep 600")
            .variable("X509_USER_PROXY", proxy.toString()));
    awaitFile("started");
    assertThat(site.attribute(job.id(), "x509userproxy")).contains(proxy.toString());
    assertThat(site.attribute(job.id(), "x509userproxysubject")).contains("CN=User");
    assertThat(site.attribute(job.id(), "x509UserProxyExpiration")).matches("\\d+");
    assertThat(content(folder.resolve("seen"))).isEqualTo(proxy + "\n");
  }

  @Test
  void aJobWithAGpuSeesItsDevice() throws IOException {
    JobId job = submit(job("echo \"$CUDA_VISIBLE_DEVICES\" >devices")
        .quantities(Quantities.builder().gpus(1).build()));
    assertThat(end(job).end()).isEqualTo(End.SUCCEEDED);
    assertThat(content(folder.resolve("devices"))).startsWith("GPU-").doesNotContain(",");
  }

  @Test
  void aJobHeldByHandSaysSoAndGoesOnWhenReleased() {
    JobId job = submit(job("touch started; [ -e go ] || sleep 600"));
    awaitFile("started");
    site.run("condor_hold", job.id());
    assertThat(reach(job, JobStatus.Held.class).reason()).contains("via condor_hold");
    assertThat(folder.resolve("go").toFile().mkdir()).isTrue();
    site.run("condor_release", job.id());
    assertThat(end(job).end()).isEqualTo(End.SUCCEEDED);
  }

  @Test
  void aJobWhoseInputIsMissingIsHeldAndSaysWhich() {
    JobId job = submit(job("true")
        .config(
            "job_extra_directives",
            List.of("should_transfer_files = YES", "transfer_input_files = /nonexistent/input")));
    assertThat(reach(job, JobStatus.Held.class).reason())
        .contains("/nonexistent/input", "No such file or directory", "hold code 13.2");
  }

  @Test
  void aRefusedSubmissionSaysWhy() {
    JobSpec spec = job("true").config("requirements", "(Memory > ").build();
    assertThatExceptionOfType(SubmissionException.class)
        .isThrownBy(() -> condor.submit(spec, 5))
        .withMessageContaining("condor_submit")
        .withMessageContaining("Parse error in expression")
        .satisfies(e -> assertThat(e.retryable()).isFalse());
    // Those of other tests may still be leaving.
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(site.queue("pool.")).isEmpty());
  }

  @Test
  void aJobThatNoMachineCanRunSaysWhatIsTooMuch() {
    JobId job = submit(job("true")
        .quantities(Quantities.builder().memory(MemorySize.parse("900TiB")).build()));
    assertThat(reach(job, JobStatus.Impossible.class).reason())
        .contains("TARGET.Memory >= RequestMemory", "RequestMemory = 943718400");
  }

  @Test
  void aJobThatIsRemovedFromOutsideIsCancelled() {
    JobId job = submit(job(ENDLESS));
    reach(job, JobStatus.Running.class);
    site.run("condor_rm", job.id());
    assertThat(end(job))
        .isEqualTo(new JobStatus.Ended(
            End.CANCELLED,
            null,
            "via condor_rm (by user " + System.getenv("MUSTER_CONDOR_USER") + ")"));
  }

  @Test
  void aJobEndsWithItsWalltime() {
    JobId job = submit(job(ENDLESS).config("walltime", "2s"));
    assertThat(end(job).end()).isEqualTo(End.WALLTIME);
    await().atMost(CondorSite.PATIENCE).until(() -> site.queue("pool.").isEmpty());
  }

  @Test
  void anEvictedJobRunsAgain() throws IOException {
    JobId job = submit(job("echo start >>starts; " + ENDLESS));
    awaitFile("starts");
    reach(job, JobStatus.Running.class);
    site.run("condor_vacate_job", "-fast", job.id());
    await()
        .atMost(CondorSite.PATIENCE)
        .until(() -> content(folder.resolve("starts")).lines().count() == 2);
    reach(job, JobStatus.Running.class);
    Path log = JobSpec.logFile(folder.resolve("logs"), tag(job));
    assertThat(content(log)).contains("Job was evicted");
  }

  private String tag(JobId job) {
    return site.attribute(job.id(), "MusterTag").replace("\"", "");
  }

  @Test
  void anEvictedJobThatMayStartOnceOnlyWasPreempted() {
    JobId job = submit(job("touch started; " + ENDLESS)
        .config("job_extra_directives", List.of("periodic_hold = False", "+Once = True")));
    awaitFile("started");
    reach(job, JobStatus.Running.class);
    site.run("condor_qedit", job.id(), "PeriodicRemove", "JobStatus == 1 && NumJobStarts > 0");
    site.run("condor_qedit", job.id(), "Requirements", "False");
    site.run("condor_vacate_job", "-fast", job.id());
    assertThat(end(job).end()).isEqualTo(End.PREEMPTED);
  }

  @Test
  void strangeNamesAndValuesAreData() throws IOException {
    Path strange = Files.createDirectory(folder.resolve(
        "year=2018, at 10:00:00 'b' \"c\" 5% $(HOME) $ENV(HOME) ;&|#é\\x `touch pwned` *"));
    String value = "it's \"$(HOME)\" $HOME `touch pwned` \\ #\nline";
    String queue = "q'\"\\ $(HOME) \\\"x\\";
    JobSpec spec = JobSpec.builder(
            "po ol/$(touch pwned)",
            List.of("bash", "-c", "printf %s \"$1|$V\"", "x", value),
            strange)
        .logs(strange.resolve("lo gs"))
        .variable("V", value)
        .config("queue", queue)
        .config("job_extra_directives", List.of("hold = True"))
        .build();
    condor.close();
    condor = Jobs.open("htcondor", strange, Map.of("poll_interval", "200ms"));
    JobId job = condor.submit(spec, 1).get(0);
    assertThat(site.run("condor_q", job.id(), "-af", "JobFlavour")).isEqualTo(queue);
    site.run("condor_release", job.id());
    assertThat(end(job).end()).isEqualTo(End.SUCCEEDED);
    assertThat(content(spec.outFile(job.id()))).isEqualTo(value + "|" + value);
    assertThat(strange.resolve("pwned")).doesNotExist();
    assertThat(folder.resolve("pwned")).doesNotExist();
  }
}
