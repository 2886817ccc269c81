package dev.muster.pbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Submission;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PbsDialectTest {
  private static JobSpec.Builder job() {
    return JobSpec.builder("gpu", List.of("python3", "-m", "worker"), Path.of("/work dir"))
        .logs(Path.of("/work dir/logs"))
        .quantities(Quantities.builder().cpus(4).gpus(1).memory("16GB").build());
  }

  private static JobSpec.Builder job(Quantities.Builder quantities) {
    return job().quantities(quantities.build());
  }

  private static Submission submission(JobSpec.Builder job) {
    return new PbsDialect().submission(job.build(), 3, "gpu.run-1", Path.of("/run/jobs"));
  }

  private static String script(JobSpec.Builder job) {
    return String.join("", submission(job).files().values());
  }

  /** Returns the words for the shell that follow its lines. */
  private static List<String> words(JobSpec.Builder job) {
    List<String> command = submission(job).command();
    return command.subList(command.indexOf("muster-qsub") + 1, command.size());
  }

  @Test
  void writesWhatPbsReads() {
    Submission submission = submission(job()
        .config("walltime", "02:00:00")
        .config("queue", "gpuq")
        .config("account", "atlas")
        .config("constraint", "model=rome")
        .config("mail", "me@example.org")
        .config("job_extra_directives", Map.of("-l", "place=excl"))
        .config("job_script_prologue", List.of("source /etc/profile"))
        .variable("TEXT", "one\n#PBS -N evil"));
    StringBuilder said = new StringBuilder();
    submission
        .files()
        .forEach((path, text) -> said.append("# ").append(path).append('\n').append(text));
    said.append("$ ").append(ShellWords.join(submission.command())).append('\n');
    assertThat(said.toString()).isEqualTo(Recorded.text("submission"));
  }

  @Test
  void asksForNodesInTheWordsOfEachKind() {
    assertThat(words(job()))
        .containsExactly(
            "/run/jobs/gpu.run-1.env",
            "/run/jobs/gpu.run-1.sh",
            "3",
            "auto",
            "select=1:ncpus=4:mem=15259mb:ngpus=1",
            "",
            "nodes=1:ppn=4:gpus=1,mem=15259mb");
    assertThat(words(job(Quantities.builder().nodes(2).tasksPerNode(8).memory("1MiB"))
            .config("constraint", "fast")
            .config("flavour", "torque")))
        .containsExactly(
            "/run/jobs/gpu.run-1.env",
            "/run/jobs/gpu.run-1.sh",
            "3",
            "torque",
            "select=2:ncpus=8:mpiprocs=8:mem=1mb:fast",
            "place=scatter",
            "nodes=2:ppn=8:fast,mem=2mb");
    assertThat(words(job(Quantities.builder().nodes(2).tasksPerNode(8).cpus(4))))
        .as("Torque has no word for processes with several cores")
        .endsWith("select=2:ncpus=32:mpiprocs=8", "place=scatter", "");
  }

  @Test
  void namesJobsInFifteenCharacters() {
    String name = JobNames.of("default.2026-11-30.a1b2c3-7");
    assertThat(name).matches("muster[a-z0-9]{9}").isNotEqualTo(JobNames.of("other"));
    assertThat(script(job())).contains("#PBS -N " + JobNames.of("gpu.run-1") + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-J 0-3",
        "-t 1-4",
        "-N x",
        "-o /tmp",
        "-V",
        "-v A=1",
        "-W block=true",
        "-l select=1:ncpus=2",
        "-l nodes=1:ppn=2",
        "-l place=excl,walltime=1",
        "-koed",
        "no option"
      })
  void refusesDirectivesThatItNeedsItself(String line) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(job().config("job_extra_directives", List.of(line))))
        .withMessageContaining("job_extra_directives");
  }

  @Test
  void takesDirectivesAsListOrMapping() {
    assertThat(script(
            job().config("job_extra_directives", List.of("#PBS -l place=excl", "-P ab12", "-h"))))
        .contains("#PBS -l place=excl\n#PBS -P ab12\n#PBS -h\n");
    assertThat(script(job().config("job_extra_directives", Map.of("W", "umask=022"))))
        .contains("#PBS -W umask=022\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account: a b",
        "account: -x",
        "queue: a b",
        "queue: -t",
        "constraint: a b",
        "constraint: a+2",
        "gpu_resource: a=1",
        "flavour: openpbs",
        "walltime: 0s"
      })
  void refusesValuesThatPbsCannotRead(String option) {
    String[] words = option.split(": ", 2);
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(job().config(words[0], words[1])))
        .withMessageContaining(words[0]);
  }

  @Test
  void refusesDisk() {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(job(Quantities.builder().disk("1GB"))))
        .withMessageContaining("job_extra_directives");
  }
}
