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

class PjmDialectTest {
  private static JobSpec.Builder job() {
    return JobSpec.builder("gpu", List.of("python3", "-m", "worker"), Path.of("/work dir"))
        .logs(Path.of("/work dir/logs"))
        .quantities(Quantities.builder().cpus(4).memory("16GB").build());
  }

  private static Submission submission(JobSpec.Builder job) {
    return new PjmDialect().submission(job.build(), 3, "gpu.run-1", Path.of("/run/jobs"));
  }

  private static String script(JobSpec.Builder job) {
    return String.join("", submission(job).files().values());
  }

  @Test
  void writesWhatPjmReads() {
    Submission submission = submission(job()
        .config("walltime", "02:00:00")
        .config("queue", "small")
        .config("resource_unit", "fx")
        .config("account", "hp123456")
        .config("mail", "me@example.org")
        .config("job_extra_directives", Map.of("x", "PJM_LLIO_GFSCACHE=/vol0004")));
    StringBuilder said = new StringBuilder();
    submission
        .files()
        .forEach((path, text) -> said.append("# ").append(path).append('\n').append(text));
    said.append("$ ").append(ShellWords.join(submission.command())).append('\n');
    assertThat(said.toString()).isEqualTo(Recorded.text("pjm-submission"));
  }

  @Test
  void asksForPartsOfNodes() {
    assertThat(script(job()
            .quantities(Quantities.builder().cpus(10).gpus(1).memory("1MiB").build())
            .config("virtual_nodes", true)))
        .contains(
            "#PJM -L \"vnode=1\"\n",
            "#PJM -L \"vnode-core=10\"\n",
            "#PJM -L \"vnode-mem=1Mi\"\n",
            "#PJM -L \"gpu=1\"\n");
    assertThat(script(job())).doesNotContain("gpu=");
  }

  @Test
  void asksForNodesOfParallelJobs() {
    assertThat(script(
            job().quantities(Quantities.builder().nodes(2).tasksPerNode(4).build())))
        .contains(
            "#PJM -L \"node=2\"\n",
            "#PJM --mpi \"proc=8\"\n",
            "#PJM --mpi \"max-proc-per-node=4\"\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-N x",
        "--name x",
        "-o out",
        "-j",
        "-X",
        "-z jid",
        "-w",
        "--bulk",
        "--sparam 0-3",
        "--step",
        "-L node=3",
        "-L \"rscgrp=a,node=3\"",
        "-L elapse=1",
        "no option"
      })
  void refusesDirectivesThatItNeedsItself(String line) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(job().config("job_extra_directives", List.of(line))))
        .withMessageContaining("job_extra_directives");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "account: a b",
        "queue: a,node=3",
        "resource_unit: a\"b",
        "gpu_resource: a=1",
        "virtual_nodes: maybe",
        "bulk: maybe",
        "walltime: 0s"
      })
  void refusesValuesThatPjmCannotRead(String option) {
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
