package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.run.RunResult;
import dev.muster.run.TaskFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** External workers as jobs of the Slurm of scripts/sites/slurm-up.sh. */
@Exclusive(Exclusive.SLURM)
class SlurmWorkersIT {
  private static final String WORKFLOW = """
      data: {datasets: [{name: d, files: [x], nevents: 4}], partition: {events: 1}}
      analysis:
        stages:
          - {id: Where, op: w.where, params: {inputs: {a-b: 1}, outputs: {value: json, job: text}}}
          - {id: Sum, op: s.sum, needs: [Where], scope: global, params: {outputs: {value: json}}}
          - {id: Odd, op: w.bad, needs: [], scope: global, execution: {%s}}
      execution:
        executors:
          cluster:
            type: SLURMExecutor
            pool: jobs
            config:
              registry: workers
              poll_interval: 500ms
              spec:
                job_name: external
                resource: {nodes: 1, cores_per_node: 2, memory_gb: 1}
                walltime: "00:05:00"
                queue: cpu
                environment: {FLAVOUR: "it's $HOME"}
                extra_scheduler_args: {--nice: 3}
        assignments: {w: cluster, s: shell}
        config: {registry: workers}
        pools: {jobs: {workers: 3}, default: {workers: 1}}
      """;

  @TempDir
  private Path folder;

  private Path run;

  @BeforeEach
  void workers() throws IOException {
    Commands.variable("SLURM_CONF", "slurm-up.sh");
    run = folder.resolve("the run");
    worker("s", "#!/bin/sh\necho 1 >\"$output_value_file\"\n");
    worker("w", """
        #!/bin/bash
        set -eu
        cd "$TKR_DIR"
        case $function_name in
          where)
            [[ $FLAVOUR == "it's \\$HOME" ]]
            scontrol show job "$SLURM_JOB_ID" >"$output_job_file"
            echo "$SLURM_CPUS_PER_TASK" >"$output_value_file"
            ;;
          bad) echo too bad >&2; exit 7 ;;
          slow) : >at-work; sleep 300 ;;
          die) kill -9 $$ ;;
        esac
        """);
  }

  private void worker(String name, String text) throws IOException {
    Path file = folder.resolve("workers").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private WorkflowFile workflow(String text) throws IOException {
    return Workflows.fromYaml(Files.writeString(folder.resolve("w.yaml"), text));
  }

  private RunResult run(String text) throws Exception {
    RunOptions options =
        RunOptions.builder().directory(run).keepValues(true).keepGoing(true).build();
    try (var running = Muster.start(workflow(text), options)) {
      return running.await();
    }
  }

  private static TaskFailure failure(RunResult result) {
    return Objects.requireNonNull(result.failures().get(0).failure());
  }

  @Test
  void callsAreJobsWithAllThatTheirSpecSays() throws Exception {
    RunResult result = run(WORKFLOW.formatted("retry: 1"));
    assertThat(result.failures()).hasSize(1);
    assertThat(failure(result).message())
        .contains("the worker w.bad failed with exit code 7")
        .contains("too bad");
    assertThat(run.resolve("Odd/attempt-2/_error")).exists();
    for (int i = 0; i < 4; i++) {
      Map<?, ?> value =
          (Map<?, ?>) Objects.requireNonNull(result.stage("Where").values().get(i));
      assertThat(value.get("value")).isEqualTo(2L);
      assertThat(String.valueOf(value.get("job")))
          .contains("Partition=cpu", "TimeLimit=00:05:00", "Nice=3", "external");
    }
    assertThat(result.stage("Sum").value()).isEqualTo(Map.of("value", 1L));
  }

  @Test
  void aDeadWorkerIsTold() throws Exception {
    RunResult result = run(WORKFLOW.formatted("").replace("w.bad", "w.die"));
    assertThat(failure(result).message()).contains("exit code 137 (SIGKILL)");
  }

  @Test
  void aTimeoutAndTheEndOfARunRemoveJobs() throws Exception {
    RunResult result = run(WORKFLOW.formatted("timeout: 8s").replace("w.bad", "w.slow"));
    assertThat(failure(result).message()).contains("8");
    assertNoJob();
    Files.deleteIfExists(run.resolve("at-work"));
    RunOptions other = RunOptions.builder().directory(folder.resolve("other")).build();
    WorkflowFile file = workflow(WORKFLOW.formatted("").replace("w.bad", "w.slow"));
    try (var running = Muster.start(file, other)) {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> Files.exists(folder.resolve("other/at-work")));
      running.cancel();
      assertThat(running.await().succeeded()).isFalse();
    }
    assertNoJob();
  }

  @Test
  void whatSlurmRefusesIsToldInItsWords() throws Exception {
    RunResult result = run(WORKFLOW.formatted("").replace("queue: cpu", "queue: nowhere"));
    assertThat(failure(result).message()).contains("nowhere").contains("sbatch");
  }

  private static void assertNoJob() {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> Commands.lines(List.of("squeue", "-h", "-o", "%j")).stream()
            .noneMatch(name -> name.contains("external")));
  }
}
