package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Submission;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SubmitDescriptionTest {
  private static final String TAG = "gpu.run1-3";

  private static JobSpec.Builder job() {
    return JobSpec.builder("gpu", List.of("worker", "--now"), Path.of("/run/work"))
        .logs(Path.of("/run/debug/distributed"));
  }

  private static String description(JobSpec spec, int copies) {
    return SubmitDescription.of(spec, copies, TAG, Path.of("/run/jobs/" + TAG + ".sh"));
  }

  private static String withDirectives(Object directives) {
    return description(job().config("job_extra_directives", directives).build(), 1);
  }

  @Test
  void describesAPlainJob() {
    assertThat(description(job().build(), 1)).isEqualTo(Resources.text("plain.sub"));
  }

  @Test
  void describesAJobWithEverything() {
    JobSpec spec = job()
        .quantities(Quantities.builder()
            .cpus(8)
            .memory(MemorySize.parse("16GB"))
            .disk(MemorySize.parse("1.5GiB"))
            .gpus(2)
            .build())
        .variable("X509_USER_PROXY", "/run/debug/credentials/x509")
        .config("walltime", "04:00:00")
        .config("queue", "work\"day $(x)")
        .config("account", "group_cms.$user")
        .config("requirements", "(OpSysAndVer =?= \"AlmaLinux9\") && Memory > 10")
        .config("stream_output", true)
        .config("job_extra_directives", List.of("+SendCredential = True", "getenv = False"))
        .build();
    assertThat(description(spec, 1000)).isEqualTo(Resources.text("everything.sub"));
  }

  @Test
  void describesAJobInAFolderWithAStrangeName() {
    Path folder = Path.of("/run/a 'b' \"c\" $(HOME) ;&|#é\\x");
    JobSpec spec =
        JobSpec.builder("po ol", List.of("true"), folder).logs(folder).build();
    assertThat(SubmitDescription.of(spec, 2, TAG, folder.resolve(TAG + ".sh")))
        .isEqualTo(Resources.text("strange.sub"));
  }

  private static JobSpec.Builder sent(String... files) {
    return job()
        .staging(Staging.TRANSFER)
        .files(Stream.of(files).map(Path::of).toList())
        .variable("X509_USER_PROXY", "/run/debug/credentials/x509");
  }

  @Test
  void describesAJobWhoseFilesAreSent() {
    assertThat(description(sent("/run/env.tar.gz", "/data/it's \"$HOME\"").build(), 1))
        .isEqualTo(Resources.text("sent.sub"));
  }

  @Test
  void whatEachCopyLeavesIsBroughtIntoItsFolder() {
    JobSpec.Builder job = sent();
    assertThat(description(job.parcels(Path.of("/run/1")).build(), 2))
        .contains("transfer_input_files = /run/1/$(Process).in")
        .contains("transfer_output_files = $(Process).out\n")
        .contains("transfer_output_remaps = \"$(Process).out=/run/1/$(Process).out\"\n");
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> description(job.parcels(Path.of("/a, b")).build(), 1))
        .withMessageContaining("cannot bring files of jobs back into /a, b");
    job.parcels(Path.of("/run/1")).config("job_extra_directives", "transfer_output_files = x");
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> description(job.build(), 1))
        .withMessageContaining("Muster sets itself");
  }

  @Test
  void aJobThatGetsItsProxyFromHtcondorIsToldByItWhereThatIs() {
    Path script = Path.of("/run/jobs/" + TAG + ".sh");
    assertThat(new CondorDialect()
            .submission(sent().build(), 1, TAG, Path.of("/run/jobs"))
            .files()
            .get(script))
        .contains("cd -- \"$_CONDOR_SCRATCH_DIR\" || exit 72\n")
        .doesNotContain("X509_USER_PROXY");
  }

  @Test
  void filesOfARunWhoseFolderHasACommaAreNamedFromThere() {
    Path jobs = Path.of("/runs/pt>20, year=2018/debug/distributed/jobs");
    JobSpec spec =
        sent("/runs/pt>20, year=2018/debug/distributed/dask/worker-0.json").build();
    assertThat(SubmitDescription.of(spec, 1, TAG, jobs.resolve(TAG + ".sh")))
        .contains("initialdir = " + jobs + "\n")
        .contains("transfer_input_files = ../dask/worker-0.json\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/data/a,b", "/data/blank "})
  void refusesFilesThatItCannotName(String file) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> description(sent(file).build(), 1))
        .withMessageContaining("pool gpu: HTCondor cannot transfer the file \"" + file + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"transfer_input_files = x", "Should_Transfer_Files = NO"})
  void refusesDirectivesThatWouldKeepFilesBack(String directive) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> description(
            sent().config("job_extra_directives", List.of(directive)).build(), 1))
        .withMessageContaining("which Muster sets itself");
    assertThat(withDirectives(List.of(directive))).contains(directive);
  }

  @Test
  void takesDirectivesFromAMapping() {
    assertThat(withDirectives(Map.of("+WantOS", "\"el9\"")))
        .contains("\n+WantOS = \"el9\"\nqueue 1\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "queue 5",
        "Queue",
        "log = /x",
        "Executable=/bin/true",
        "periodic_remove = True",
        "+MusterTag = \"x\"",
        "MY.MusterTag = \"x\"",
        "environment = \"A=1\"",
        "+UserLog = \"/x\"",
        "MY.Out = \"/x\"",
        "my.UserLog=\"/x\"",
        "args = x",
        "+Iwd = \"/\"",
        "+MY.Iwd = \"/\"",
        "Initial_Dir = /",
        "cmd = /bin/true",
        "ulog = /x",
        "+PeriodicRemove = True",
        "periodicRemove = True",
        "+Cmd = \"/x\"",
        "stdout = /x",
        "ERR = /x",
        "env = A=1",
        "+JobUniverse = 7",
        "batch_name = x",
        "foo = 1 \\"
      })
  void refusesDirectivesThatMusterSets(String directive) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> withDirectives(List.of(directive)))
        .withMessageContaining(
            "pool gpu.config.job_extra_directives: job_extra_directives must be ")
        .withMessageContaining(directive);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "# comment", "a = b \\", "+ = 3"})
  void refusesLinesThatAreNoDirectives(String directive) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> withDirectives(List.of(directive)))
        .withMessageContaining("job_extra_directives");
  }

  @ParameterizedTest
  @CsvSource({
    "walltime, soon, a time such as",
    "stream_output, maybe, true or false",
    "chirp, yes, true or false",
    "transfer_timeout, 0s, a second or more",
    "queue, 'a\nb', a text in one line",
    "account, 'a\nb', a text in one line",
    "requirements, 'a\nqueue 9', a text in one line",
    "requirements, 'a \\', one line without a backslash"
  })
  void refusesWrongValues(String option, String value, String message) {
    JobSpec spec = job().config(option, value).build();
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> description(spec, 1))
        .withMessageContaining("pool gpu.config." + option)
        .withMessageContaining(message);
  }

  @Test
  void refusesAFolderThatCannotBeNamed() {
    JobSpec spec = job().logs(Path.of("/run/a\nb")).build();
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> description(spec, 1))
        .withMessageContaining("the path cannot be told to HTCondor");
  }

  @Test
  void roundsUpToTheUnitsOfHtcondor() {
    JobSpec spec = job()
        .quantities(Quantities.builder()
            .memory(MemorySize.ofBytes(1))
            .disk(MemorySize.ofBytes(1025))
            .gpus(0)
            .build())
        .config("walltime", "1s")
        .build();
    assertThat(description(spec, 1))
        .contains("\nrequest_memory = 1\n", "\nrequest_disk = 2\n", "\n+MaxRuntime = 1\n")
        .doesNotContain("request_gpus", "request_cpus");
  }

  @Test
  void theScriptGetsItsNumberFromTheDescription() {
    Submission submission =
        new CondorDialect().submission(job().build(), 3, TAG, Path.of("/run/jobs"));
    assertThat(submission.command())
        .containsExactly("condor_submit", "-terse", "/run/jobs/" + TAG + ".sub");
    assertThat(submission.files().get(Path.of("/run/jobs/" + TAG + ".sub")))
        .contains("environment = \"MUSTER_JOB_INDEX=$(Process)\"\n");
    assertThat(submission.files().get(Path.of("/run/jobs/" + TAG + ".sh")))
        .contains("export MUSTER_JOB_INDEX=\"$MUSTER_JOB_INDEX\"\n", "worker --now &\n");
  }
}
