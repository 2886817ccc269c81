package dev.muster.gridengine;

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

class GridEngineDialectTest {
  private static JobSpec.Builder job() {
    return JobSpec.builder("gpu", List.of("python3", "-m", "worker"), Path.of("/work dir"))
        .logs(Path.of("/work dir/logs"))
        .quantities(Quantities.builder().cpus(4).gpus(1).memory("16GB").build());
  }

  private static Submission submission(JobSpec.Builder job) {
    return new GridEngineDialect().submission(job.build(), 3, "gpu.run-1", Path.of("/run/jobs"));
  }

  private static String script(JobSpec.Builder job) {
    return String.join("", submission(job).files().values());
  }

  @Test
  void writesWhatGridEngineReads() {
    Submission submission = submission(job()
        .config("walltime", "02:00:00")
        .config("queue", "gpu.q")
        .config("project", "physics")
        .config("account", "atlas")
        .config("reservation", 17)
        .config("mail", "me@example.org")
        .config("parallel_environment", "openmp")
        .config("memory_resource", "mem_free")
        .config("gpu_resource", "ngpus")
        .config("job_extra_directives", Map.of("-l", "fast=true"))
        .config("job_script_prologue", List.of("source /etc/profile"))
        .variable("TEXT", "one\n#$ -N evil"));
    StringBuilder said = new StringBuilder();
    submission
        .files()
        .forEach((path, text) -> said.append("# ").append(path).append('\n').append(text));
    said.append("$ ").append(ShellWords.join(submission.command())).append('\n');
    assertThat(said.toString()).isEqualTo(Recorded.text("submission"));
  }

  @Test
  void asksForMemoryOfEachSlot() {
    assertThat(
            script(job().quantities(Quantities.builder().cpus(3).memory("10MiB").build())))
        .contains("#$ -pe smp 3\n", "#$ -l h_vmem=4M\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"job_script_prologue", "job_script_epilogue"})
  void aLineOfTheUserIsNeverAnOption(String option) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(job().config(option, List.of("#$ -N evil"))))
        .withMessageContaining("#$ -N evil")
        .withMessageContaining(option);
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(job().setup(List.of("cat <<X\n#$ -N evil\nX"))));
    assertThat(script(job().config(option, List.of(" #$ a comment"))))
        .contains("\n #$ a comment\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t 1-4",
        "-l a=1 -N x",
        "-o /tmp",
        "\"-t\" 1-3",
        "-clear",
        "-@ file",
        "no option",
        "-sync y"
      })
  void refusesDirectivesThatItNeedsItself(String line) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(job().config("job_extra_directives", List.of(line))))
        .withMessageContaining("job_extra_directives");
  }

  @Test
  void takesDirectivesAsListOrMapping() {
    assertThat(script(job().config("job_extra_directives", List.of("#$ -l fast=true", "-R y"))))
        .contains("#$ -l fast=true\n#$ -R y\n");
    assertThat(script(job().config("job_extra_directives", Map.of("ac", "a=two words"))))
        .contains("#$ -ac \"a=two words\"\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account: a b",
        "account: a:b",
        "account: -x",
        "project: a@b",
        "queue: a b",
        "queue: -t",
        "memory_resource: a,b",
        "gpu_resource: a=1",
        "parallel_environment: smp 4",
        "walltime: 0s"
      })
  void refusesValuesThatGridEngineCannotRead(String option) {
    String[] words = option.split(": ", 2);
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(job().config(words[0], words[1])))
        .withMessageContaining(words[0]);
  }

  @Test
  void refusesDisk() {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(
            () -> script(job().quantities(Quantities.builder().disk("1GB").build())))
        .withMessageContaining("job_extra_directives");
  }
}
