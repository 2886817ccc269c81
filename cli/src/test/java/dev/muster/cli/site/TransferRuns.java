package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The dimuon example with a packed environment, on workers that see neither this machine's environment nor its folders.
 */
@Timeout(400)
abstract class TransferRuns {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String PYTHON = "/usr/bin/python3";
  private static final Path EXAMPLES = Path.of("../examples/workflows");

  private Path base;

  /** Returns the name of the strategy. */
  abstract String strategy();

  /** Returns an empty folder of this machine that workers do not see. */
  abstract Path workspace() throws IOException;

  /** Returns the folder whose bin has the commands of the batch system. */
  abstract Path home();

  /** Returns the environment variables, besides the {@code PATH}, by which its commands find it. */
  abstract Map<String, String> variables();

  /** Returns the command that starts Java as the owner of the jobs. */
  abstract String java();

  /** Returns the command that prints a line for each job in the queue. */
  abstract List<String> queue();

  /** Returns the options of a pool, for example its queue. */
  abstract String options(String pool);

  /** Returns the folder in which all jobs of a machine find the environment. */
  abstract String place();

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(variables());
    environment.put("PATH", home().resolve("bin") + ":" + System.getenv("PATH"));
    return environment;
  }

  private List<String> jobs() throws Exception {
    return Commands.lines(environment(), queue());
  }

  @BeforeEach
  void makeWorkspace() throws Exception {
    base = workspace();
    Files.copy(EXAMPLES.resolve("dimuon_ops.py"), base.resolve("dimuon_ops.py"));
    Files.writeString(base.resolve("looking.py"), """
        import os, pathlib, sys

        def look(ctx, paths):
            out = pathlib.Path(ctx.output_dir) / "seen.txt"
            sent = [name for name in os.listdir(os.environ["MUSTER_FILES"]) if name.endswith(".tar.gz")]
            out.write_text("%s\\n%s\\n%s\\n" % (sys.prefix, [path for path in paths if os.path.exists(path)], sent))
            return out
        """);
    assertThat(jobs()).as("jobs of somebody else").isEmpty();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    await().atMost(LIMIT).until(() -> jobs().isEmpty());
  }

  /** Writes the example as it is, with another execution and a stage that looks around. */
  private void write() throws Exception {
    Path prefix = PackedPrefix.make(PYTHON, base.resolve("project/.pixi/envs/default"));
    String example = Files.readString(EXAMPLES.resolve("dimuon-dask.yaml"));
    String text = example.substring(0, example.indexOf("\nexecution:\n") + 1);
    text = text.replace("  operations:\n", "  operations:\n    look: {impl: \"looking:look\"}\n");
    text = text.stripTrailing()
        + "\n    - {id: Look, op: look, scope: global, needs: [], params: {paths: [\"" + base
        + "\", \"" + prefix + "\"]}}\n";
    text += """
        execution:
          backend: dask
          strategy: %s
          staging: {mode: transfer}
          environment:
            type: packed-pixi
            prefix: %s
            cache_dir: %s
            compression_level: 1
            worker_env_dir: %s
          config: {python: %s, poll_interval: 1s}
          pools:
            default: {workers: 2, resources: {cpus: 1, memory: 1GB}, config: {%s}}
            high_memory: {workers: 1, resources: {cpus: 1, memory: 2GB}, config: {%s}}
            gpu: {workers: 1, resources: {gpus: 1, memory: 1GB}, config: {%s}}
        """.formatted(
            strategy(),
            prefix,
            base.resolve("cache"),
            place(),
            PYTHON,
            options("default"),
            options("high_memory"),
            options("gpu"));
    Files.writeString(base.resolve("site.yaml"), text);
  }

  private MusterProcess run() throws Exception {
    MusterProcess process = MusterProcess.start(environment(), java(), base, "run");
    process.awaitEnd(LIMIT);
    return process;
  }

  private String result(String stage, String name) throws IOException {
    try (Stream<Path> files =
        Files.walk(base.resolve(".muster/runs/latest").toRealPath().resolve(stage))) {
      List<Path> found =
          files.filter(file -> String.valueOf(file.getFileName()).equals(name)).toList();
      assertThat(found).as("%s of stage %s", name, stage).hasSize(1);
      return Files.readString(found.get(0));
    }
  }

  @Test
  void theWholeExampleRunsOnWorkersThatHaveWhatWasSentToThem() throws Exception {
    write();

    MusterProcess first = run();

    assertThat(first.exitCode()).as(first.output() + logs()).isZero();
    assertThat(first.output()).contains("packing the workers' environment");
    assertThat(result("ProducePlots", "dimuon.txt"))
        .containsPattern("the peak is at 9[01]\\.\\d\\d\n");
    List<String> seen = result("Look", "seen.txt").lines().toList();
    assertThat(seen.get(0)).contains("/muster-", "/env-").doesNotContain(base.toString());
    assertThat(seen.get(1)).isEqualTo("[]");
    await().atMost(LIMIT).until(() -> jobs().isEmpty());

    MusterProcess second = run();

    assertThat(second.exitCode()).as(second.output() + logs()).isZero();
    assertThat(second.output()).doesNotContain("packing the workers' environment");
    assertThat(result("Look", "seen.txt").lines().skip(2))
        .as("archives that were sent")
        .containsExactly("[]");
  }

  @Test
  void jobsThatSeeNothingOfThisMachineAreSentWhatTheyNeedAndSendBackWhatTheyMake()
      throws Exception {
    Files.createDirectories(base.resolve("lib"));
    Files.writeString(base.resolve("lib/helper.py"), "HERE = '%s'\n".formatted(base));
    Files.writeString(base.resolve("a.txt"), "first");
    Files.writeString(base.resolve("b.txt"), "second");
    Files.writeString(base.resolve("ops.py"), """
        import os, pathlib, helper

        def each(ctx):
            if ctx.partition.index == 1 and ctx.attempt == 1:
                os.kill(os.getppid(), 9)  # what sends things back
            out = pathlib.Path(ctx.output_dir) / "text"
            out.write_text(open(ctx.partition.files[0]).read())
            print("said by", ctx.partition.index, flush=True)
            return {"file": out, "here": os.path.exists(helper.HERE), "large": "x" * 300000, "kinds": {1, 2}}

        def all(ctx, Each, Say):
            kinds = [each["kinds"] for each in Each]
            assert kinds == [{1, 2}, {1, 2}] and [len(each["large"]) for each in Each] == [300000] * 2
            out = pathlib.Path(ctx.output_dir) / "all.txt"
            out.write_text("%s %s" % ([each["loud"].read_text() for each in Say], [each["here"] for each in Each]))
            return out
        """);
    Files.writeString(
        base.resolve("site.yaml"), """
        name: sent
        registry: {operations: {each: 'ops:each', all: 'ops:all'}}
        data: {datasets: [{name: data, files: [a.txt, b.txt]}]}
        analysis:
          stages:
            - {id: Each, op: each, scope: partition}
            - id: Say
              op: shell
              scope: partition
              needs: [Each]
              params: {command: 'tr a-z A-Z < {input.Each.file} > loud', outputs: {loud: loud}}
            - {id: All, op: all, scope: global, needs: [Each, Say]}
        execution:
          backend: batch
          strategy: %s
          staging: transfer
          code: [lib]
          config: {python: %s, poll_interval: 1s}
          pools: {default: {resources: {cpus: 1, memory: 200MB}, config: {%s}}}
        """.formatted(strategy(), PYTHON, options("default")));

    MusterProcess process = run();

    assertThat(process.exitCode()).as(process.output() + logs()).isZero();
    assertThat(result("All", "all.txt")).isEqualTo("['FIRST', 'SECOND'] [False, False]");
    assertThat(result("Each/data.0", "text")).isEqualTo("first");
    assertThat(process.output())
        .contains("lost its worker")
        .contains("nothing has come back of it");
    assertThat(logs("out")).contains("said by 0", "said by 1");
  }

  @Test
  void jobsThatSeeNothingOfThisMachineAreTakenOver() throws Exception {
    String seconds = "12.0" + ProcessHandle.current().pid(); // by which they are known
    Files.writeString(base.resolve("a.txt"), "first");
    Files.writeString(base.resolve("b.txt"), "second");
    Files.writeString(base.resolve("ops.py"), """
        import pathlib, subprocess

        def each(ctx):
            subprocess.run(["sleep", "%s"], check=True)
            out = pathlib.Path(ctx.output_dir) / "text"
            out.write_text("%%s, attempt %%d" %% (open(ctx.partition.files[0]).read(), ctx.attempt))
            return out

        def all(ctx, Each):
            out = pathlib.Path(ctx.output_dir) / "all.txt"
            out.write_text("; ".join(each.read_text() for each in Each))
            return out
        """.formatted(seconds));
    Files.writeString(
        base.resolve("site.yaml"), """
        name: sent
        registry: {operations: {each: 'ops:each', all: 'ops:all'}}
        data: {datasets: [{name: data, files: [a.txt, b.txt]}]}
        analysis:
          stages:
            - {id: Each, op: each, scope: partition}
            - {id: All, op: all, scope: global, needs: [Each]}
        execution:
          backend: batch
          strategy: %s
          staging: transfer
          config: {python: %s, poll_interval: 1s}
          pools: {default: {resources: {cpus: 1, memory: 200MB}, config: {%s}}}
        """.formatted(strategy(), PYTHON, options("default")));
    MusterProcess first = MusterProcess.start(environment(), java(), base, "run");
    await().atMost(LIMIT).until(() -> sleeping(seconds) == 2);
    List<String> before = jobs();
    first.signal("KILL");
    first.awaitEnd(LIMIT);

    MusterProcess next = MusterProcess.start(environment(), java(), base, "run", "--resume");
    next.awaitOutput("they are taken over", LIMIT);
    assertThat(jobs()).containsExactlyInAnyOrderElementsOf(before);
    next.awaitEnd(LIMIT);

    assertThat(next.exitCode()).as(next.output() + logs()).isZero();
    assertThat(result("All", "all.txt")).isEqualTo("first, attempt 1; second, attempt 1");
  }

  private static long sleeping(String seconds) {
    return ProcessHandle.allProcesses()
        .filter(each -> each.info().commandLine().orElse("").endsWith("sleep " + seconds))
        .count();
  }

  private String logs() throws IOException {
    return logs("err");
  }

  private String logs(String kind) throws IOException {
    Path place = base.resolve(".muster/runs/latest/debug/distributed").resolve(kind);
    StringBuilder text = new StringBuilder();
    if (Files.isDirectory(place)) {
      try (Stream<Path> logs = Files.list(place)) {
        for (Path log : logs.toList()) {
          text.append(log.getFileName()).append('\n').append(Files.readString(log));
        }
      }
    }
    return text.toString();
  }
}
