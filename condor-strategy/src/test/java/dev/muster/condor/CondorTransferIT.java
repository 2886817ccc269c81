package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.testkit.TransferContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Files that are sent to jobs of a real HTCondor whose machines do not see the folders of the queue's machine. */
class CondorTransferIT extends TransferContract {
  private final CondorSite site = CondorSite.apart();
  private final Path folder = site.folder();

  @Override
  protected Path directory() {
    return folder;
  }

  @Override
  protected BatchSystem open(Path directory) {
    return Jobs.open(
        new CondorStrategy(), directory, Map.of("poll_interval", "200ms"), site.environment());
  }

  @Test
  void theOutputComesBack() throws IOException {
    JobSpec.Builder spec = job("cat said", file("said", "hello\n"));
    JobId job = submit(spec);

    assertThat(end(job).end()).isEqualTo(End.SUCCEEDED);
    assertThat(spec.build().outFile(job.id())).hasContent("hello\n");
  }

  @Test
  void aJobFetchesWhatItsMachineDoesNotHave() throws IOException {
    Path brought = file("brought 'x' $(touch y)", "x");
    Path any = file("any", "y");
    String there = "/tmp/muster-test-" + System.nanoTime();

    JobSpec.Builder first =
        job("[ \"$(cat brought*)\" = x ] && [ \"$(cat any)\" = y ] && [ ! -e y ]")
            .files(List.of(brought, any))
            .unless(Map.of(brought, "[ -e " + there + " ]"))
            .config("chirp", "true");
    JobSpec.Builder second = job("[ ! -e brought* ] && [ \"$(cat any)\" = y ]")
        .files(List.of(brought, any))
        .unless(Map.of(brought, "[ ! -e " + there + " ]"))
        .config("chirp", "true");

    assertThat(log(first)).contains("fetched (");
    assertThat(log(second)).contains("is not sent: this machine has");
  }

  /** Runs a job that ends well, and returns its error log. */
  private String log(JobSpec.Builder spec) throws IOException {
    JobId job = submit(spec);
    JobStatus.Ended end = end(job);
    assertThat(end.end()).as("%s: %s", end, errors(spec, job)).isEqualTo(End.SUCCEEDED);
    return errors(spec, job);
  }

  @Test
  void aFileThatCannotBeFetchedIsToldAndEndsTheJob() throws IOException {
    Path brought = file("brought", "x");
    JobSpec.Builder spec = job("true", brought)
        .unless(Map.of(brought, "false"))
        .config("chirp", "true")
        .config("job_extra_directives", List.of("hold = True"));
    JobId job = submit(spec);
    until("hold of job " + job, () -> status(job) instanceof JobStatus.Held);
    Files.delete(brought);
    site.run("condor_release", job.id());

    JobStatus.Ended end = end(job);

    assertThat(end.exitCode()).isEqualTo(JobScript.ARRIVAL_FAILED);
    assertThat(spec.build().errFile(job.id()))
        .content()
        .contains("brought could not be fetched with /", "without config.chirp it is sent");
  }

  @Test
  void aFileThatIsGoneWhenTheJobRunsHoldsTheJob() throws IOException {
    Path file = file("soon gone", "x");
    JobId job = submit(job("true", file).config("job_extra_directives", List.of("hold = True")));
    until("hold of job " + job, () -> status(job) instanceof JobStatus.Held);
    Files.delete(file);
    site.run("condor_release", job.id());

    until(
        "hold of job " + job + " because of its file",
        () -> status(job) instanceof JobStatus.Held held && held.reason().contains("soon gone"));
    assertThat(((JobStatus.Held) status(job)).reason()).contains("No such file", "hold code 13");
  }
}
