package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** External workers as jobs of PBS: by Torque's commands for Slurm, on the Slurm of scripts/sites/slurm-up.sh. */
@Exclusive(Exclusive.SLURM)
@Timeout(180)
class PbsWorkersIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String WORKFLOW = """
      name: site
      data: {datasets: [{name: d, files: [x], nevents: 3}], partition: {events: 1}}
      analysis:
        stages:
          - {id: Where, op: w.where, params: {inputs: {a-b: 1}, outputs: {value: json, job: text}}}
          - {id: Odd, op: w.%s, needs: [Where], scope: global}
      execution:
        executors:
          cluster:
            type: PBSExecutor
            pool: jobs
            config:
              registry: workers
              poll_interval: 500ms
              spec:
                job_name: external
                resource: {nodes: 1, cores_per_node: 2, memory_gb: 1}
                walltime: "00:05:00"
                queue: %s
                environment: {FLAVOUR: "it's $HOME"}
        assignments: {w: cluster}
        pools: {jobs: {workers: 3}}
      """;

  @TempDir
  private Path folder;

  @BeforeEach
  void worker() throws IOException {
    Path file = Files.createDirectories(folder.resolve("workers")).resolve("w");
    Files.writeString(file, """
        #!/bin/bash
        set -eu
        cd "$TKR_DIR"
        case $function_name in
          where)
            [[ $FLAVOUR == "it's \\$HOME" ]]
            scontrol show job "$SLURM_JOB_ID" >"$output_job_file"
            nproc >"$output_value_file"
            ;;
          bad) echo too bad >&2; exit 7 ;;
        esac
        """);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private MusterProcess run(String function, String queue) throws Exception {
    Commands.variable("SLURM_CONF", "slurm-up.sh");
    Files.writeString(folder.resolve("site.yaml"), WORKFLOW.formatted(function, queue));
    String torque = Path.of("target", "torque").toAbsolutePath().toString();
    String bin =
        Commands.lines(List.of("../scripts/sites/torque-here.sh", torque)).get(0);
    Map<String, String> variables = Map.of("PATH", bin + ":" + System.getenv("PATH"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    MusterProcess process = MusterProcess.start(variables, java, folder, "run", "--run-dir", "run");
    process.awaitEnd(LIMIT);
    await()
        .atMost(LIMIT)
        .until(() -> Commands.lines(List.of("squeue", "-h", "-o", "%j")).stream()
            .noneMatch(name -> name.startsWith("muster")));
    return process;
  }

  @Test
  void callsAreJobsWithAllThatTheirSpecSays() throws Exception {
    MusterProcess process = run("bad", "cpu");
    assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
    assertThat(process.output()).contains("the worker w.bad failed with exit code 7", "too bad");
    for (int i = 0; i < 3; i++) {
      assertThat(folder.resolve("run/Where/d." + i + "/outputs/job"))
          .content()
          .contains("Partition=cpu", "TimeLimit=00:05:00", "NumCPUs=2", "mem=1G");
    }
  }

  @Test
  void whatIsRefusedIsToldInTheWordsOfTheCommands() throws Exception {
    MusterProcess process = run("bad", "nowhere");
    assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
    assertThat(process.output()).contains("was refused by pbs", "nowhere");
  }
}
