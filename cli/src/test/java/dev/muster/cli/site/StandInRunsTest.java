package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.DialectStrategy;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.Strategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs with PBS and PJM, of which there is no real one here, by programs that stand in for their commands. */
@Timeout(120)
class StandInRunsTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Path PROGRAMS =
      Path.of("../pbs-strategy/src/test/resources/standin").toAbsolutePath().normalize();

  private static final String WORKFLOW = """
      name: site
      registry:
        operations: {look: 'ops:look', total: 'ops:total'}
      data: {datasets: [{name: data, files: [a, b, c]}]}
      analysis:
        stages:
          - {id: Each, op: look, scope: partition}
          - {id: Sum, op: total, scope: global, needs: [Each]}
          - {id: Say, op: shell, scope: global, needs: [Sum], params: {command: 'echo {input.Sum} >{base_dir}/sum'}}
          - id: Call
            op: w.f
            scope: global
            needs: [Sum]
            params: {inputs: {a-b: 5}, outputs: {value: json}}
            execution: {require: jobs}
      execution:
        backend: batch
        strategy: %1$s
        staging: %2$s
        credentials: [wlcg]
        environment: {type: shared, prefix: software}
        executors:
          cluster:
            type: %3$s
            pool: jobs
            config:
              registry: workers
              poll_interval: 200ms
              spec:
                resource: {nodes: 1, cores_per_node: 2, memory_gb: 1}
                walltime: "00:05:00"
                queue: workq
                environment: {FLAVOUR: "it's $HOME"}
        assignments: {w: cluster}
        config: {poll_interval: 200ms%4$s}
        pools:
          default: {resources: {cpus: 1, memory: 200MB}, config: {%5$s}}
          jobs: {workers: 3}
      """;

  @TempDir
  private Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(folder.resolve("ops.py"), """
        import os, pathlib, shutil

        def look(ctx):
            assert shutil.which("python") == str(ctx.base_dir / "software/bin/python")
            assert pathlib.Path(os.environ["BEARER_TOKEN_FILE"]).read_text().strip()
            assert "BEARER_TOKEN" not in os.environ
            return ctx.partition.index ** 2

        def total(ctx, Each):
            return sum(Each)
        """);
    Path bin = Files.createDirectories(folder.resolve("software/bin"));
    for (String name : List.of("python", "python3")) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("/usr/bin/python3"));
    }
    Path worker = Files.createDirectories(folder.resolve("workers")).resolve("w");
    Files.writeString(worker, """
        #!/bin/bash
        set -eu
        [[ $FLAVOUR == "it's \\$HOME" ]]
        echo "\\"${PBS_JOBID-}${PJM_JOBID-}\\"" >"$output_value_file"
        """);
    assertThat(worker.toFile().setExecutable(true)).isTrue();
  }

  private void write(String strategy, String staging, String more, String pool) throws IOException {
    String executor = strategy.equals("pbs") ? "PBSExecutor" : "PJSUBExecutor";
    Files.writeString(
        folder.resolve("site.yaml"), WORKFLOW.formatted(strategy, staging, executor, more, pool));
  }

  private MusterProcess muster(String strategy, String kind, String command, String... options)
      throws Exception {
    Secrets secrets =
        new Secrets(folder.resolve("secrets-" + command), System.getProperty("user.name"));
    String programs = PROGRAMS.resolve(strategy.equals("pbs") ? "pbs" : "pjm").toString();
    Map<String, String> variables = Map.of(
        "PATH",
        programs + ":" + System.getenv("PATH"),
        "STANDIN",
        folder.resolve("standin").toString(),
        strategy.equals("pbs") ? "STANDIN_PBS" : "STANDIN_PJM",
        kind,
        "BEARER_TOKEN_FILE",
        secrets.tokenFile.toString());
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    MusterProcess process = MusterProcess.start(variables, java, folder, command, options);
    process.awaitEnd(LIMIT);
    return process;
  }

  @ParameterizedTest
  @CsvSource({"pbs, pro", "pjsub, bulk"})
  void tasksAndCallsAreJobs(String strategy, String kind) throws Exception {
    write(strategy, "shared", "", "queue: workq, walltime: 5m");
    MusterProcess process = muster(strategy, kind, "run");
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(folder.resolve("sum")).hasContent("5");
    Path run = folder.resolve(".muster/runs/latest");
    assertThat(Files.readString(run.resolve("Call/outputs/value"))).contains("12");
    assertThat(run.resolve("debug/credentials")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"pbs, history", "pjsub, bulk"})
  void aProbeStartsAJobAndLooksAtAll(String strategy, String kind) throws Exception {
    write(strategy, "shared", "", "queue: workq");
    MusterProcess probe = muster(strategy, kind, "probe");
    assertThat(probe.exitCode()).as(probe.output()).isZero();
    assertThat(probe.output())
        .contains("submission", "Python 3", "wlcg", "this site can run the workflow");
    write(strategy, "shared", "", "queue: nope");
    MusterProcess wrong = muster(strategy, kind, "probe");
    assertThat(wrong.exitCode()).as(wrong.output()).isEqualTo(1);
    assertThat(wrong.output()).containsPattern("submission .* was refused by " + strategy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pbs", "pjsub"})
  void whatASystemCannotDoIsRefusedByName(String strategy) throws Exception {
    write(strategy, "transfer", "", "");
    MusterProcess sent = muster(strategy, "pro", "plan", "--jobs");
    assertThat(sent.exitCode()).as(sent.output()).isNotZero();
    assertThat(sent.output()).contains(strategy + " cannot send files to jobs", "staging: shared");

    Set<String> foreign = new TreeSet<>();
    Set<String> own = new TreeSet<>(JobOptions.COMMON);
    own.addAll(JobScript.OPTIONS);
    for (Strategy each : ServiceLoader.load(Strategy.class)) {
      if (each instanceof DialectStrategy) {
        (each.name().equals(strategy) ? own : foreign).addAll(each.options());
      }
    }
    foreign.removeAll(own);
    assertThat(foreign).contains("qos", "reservation", "requirements", "parallel_environment");
    StringBuilder options = new StringBuilder();
    foreign.forEach(option -> options.append(option).append(": x, "));
    write(strategy, "shared", "", options.toString());
    MusterProcess refused = muster(strategy, "pro", "plan", "--jobs");
    assertThat(refused.exitCode()).as(refused.output()).isNotZero();
    assertThat(refused.output()).contains(foreign);
  }
}
