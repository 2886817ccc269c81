package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** How jobs of backend batch end on the Slurm of scripts/sites/slurm-up.sh, and what they find there. */
@Exclusive(Exclusive.SLURM)
@Timeout(300)
class SlurmJobEndsIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String OPERATIONS = """
      import json, os, time

      def stay(ctx):
          mark = ctx.base_dir / ("at-work-" + ctx.stage)
          if not mark.exists():  # at the first start
              new = ctx.base_dir / ("new-" + ctx.stage)
              new.write_text("%s %s %d" % (os.environ["SLURM_JOB_ID"], os.environ["SLURMD_NODENAME"], os.getpid()))
              new.rename(mark)
              time.sleep(600)
          return [ctx.attempt, ctx.pool, os.environ["SLURMD_NODENAME"]]

      def grow(ctx):
          if ctx.pool == "default":
              much = b"x" * 800_000_000
              time.sleep(600)
          return [ctx.attempt, ctx.pool]

      def devices(ctx):
          return [os.environ["CUDA_VISIBLE_DEVICES"], os.environ.get("KIT", "no kit")]

      def tell(ctx, **inputs):
          (ctx.base_dir / "told").write_text(json.dumps(inputs))
      """;

  @TempDir
  private Path base;

  private SlurmSite site;
  private MusterProcess run;

  @BeforeEach
  void makeWorkspace() throws IOException {
    Commands.variable("SLURM_CONF", "slurm-up.sh");
    site = new SlurmSite(base);
    Files.writeString(base.resolve("ops.py"), OPERATIONS);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    run.end();
    site.up();
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
  }

  private void start(Map<String, String> variables, String stages, String pools) throws Exception {
    Files.writeString(
        base.resolve("site.yaml"), """
        name: ends
        registry:
          operations: {stay: 'ops:stay', grow: 'ops:grow', devices: 'ops:devices', tell: 'ops:tell'}
        analysis:
          stages:
        STAGES
        execution:
          backend: batch
          strategy: slurm
          config: {poll_interval: 1s, python: /usr/bin/python3}
          pools:
            default: {resources: {cpus: 1, memory: 200MB}}
        POOLS
        """.replace("STAGES", stages.indent(4).stripTrailing())
            .replace("POOLS", pools.indent(4).stripTrailing()));
    run = MusterProcess.start(variables, site.java(), base, "run", "--run-dir", "run");
  }

  /** Waits until a task runs; returns its job, its node and its process. */
  private String[] atWork(String stage) {
    Path mark = base.resolve("at-work-" + stage);
    await(stage).atMost(LIMIT).until(() -> Files.exists(mark) || !run.running());
    assertThat(mark).as(run.output()).exists();
    try {
      return Files.readString(mark).split(" ");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String journal() throws IOException {
    return Files.readString(base.resolve("run/journal"), StandardCharsets.ISO_8859_1);
  }

  private void awaitSuccess() throws Exception {
    run.awaitEnd(LIMIT);
    assertThat(run.exitCode()).as(run.output()).isZero();
  }

  /** Tells whether a task failed so, by the run's journal. */
  private void failed(String stage, String kind) throws IOException {
    assertThat(journal().lines())
        .anyMatch(
            line -> line.contains("\"" + stage) && line.contains("\"kind\":\"" + kind + "\""));
  }

  @Test
  void aTaskWhoseJobIsEndedByTheSiteGoesOnInAnother() throws Exception {
    Commands.installed(Path.of("/usr/share/modules/init/bash"), "environment-modules");
    Path modules = Files.createDirectories(base.resolve("module files"));
    Files.writeString(modules.resolve("kit"), "#%Module1.0\nsetenv KIT {of the site}\n");
    start(Map.of("MODULEPATH", modules.toString()), """
        - {id: Grows, op: grow, needs: [], execution: {retry: {max: 1, escalate: large}}}
        - {id: Two, op: devices, needs: [], environment: {resources: {gpus: 2}}}
        - {id: Preempted, op: stay, needs: [], execution: {require: large, retry: {max: 1}}}
        - {id: Requeued, op: stay, needs: [], execution: {require: patient, retry: {max: 0}}}
        - {id: Tell, op: tell, needs: [Grows, Two, Preempted, Requeued]}
        """, """
        large: {resources: {cpus: 1, memory: 2GB}, config: {queue: highmem}}
        patient: {resources: {cpus: 1, memory: 200MB}, config: {queue: highmem, job_extra_directives: [--requeue]}}
        gpu: {resources: {cpus: 1, gpus: 4, memory: 200MB}, config: {queue: gpu, modules: [kit]}}
        """);
    atWork("Preempted");
    String requeued = atWork("Requeued")[0];
    Commands.lines(List.of(
        "sbatch",
        "--wait",
        "--parsable",
        "--partition=urgent",
        "--exclusive",
        "--mem=0",
        "--output=/dev/null",
        "--wrap=true"));
    // Not in the second in which it was ended: Slurm would take the new start for the old one.
    Commands.lines(List.of("scontrol", "update", "JobId=" + requeued, "StartTime=now+3"));

    awaitSuccess();

    assertThat(base.resolve("told"))
        .hasContent(
            "{\"Grows\": [2, \"large\"], \"Two\": [\"0,1\", \"of the site\"],"
                + " \"Preempted\": [2, \"large\", \"mem1\"], \"Requeued\": [1, \"patient\", \"mem1\"]}");
    failed("Grows", "OUT_OF_MEMORY");
    failed("Preempted", "PREEMPTED");
    assertThat(run.output()).contains("put back into the queue");
  }

  /** Slurm looks for such jobs every half minute. */
  @Test
  @EnabledIfEnvironmentVariable(named = "MUSTER_CHECK_ALL", matches = "1")
  void aTaskWhoseJobIsOutOfWalltimeIsTriedAgain() throws Exception {
    start(Map.of(), """
        - {id: Slow, op: stay, needs: [], execution: {retry: {max: 1}}}
        - {id: Tell, op: tell, needs: [Slow]}
        """, "");
    Commands.lines(List.of("scontrol", "update", "JobId=" + atWork("Slow")[0], "EndTime=now+1"));
    awaitSuccess();
    assertThat(base.resolve("told")).content().startsWith("{\"Slow\": [2, \"default\", \"cpu");
    failed("Slow", "WALLTIME");
  }

  @Test
  void aTaskWhoseNodeIsLostGoesToAnotherNode() throws Exception {
    start(
        Map.of(),
        """
        - {id: Stays, op: stay, needs: [], execution: {require: any, retry: {max: 1}}}
        - {id: Tell, op: tell, needs: [Stays]}
        """,
        "any: {resources: {cpus: 1, memory: 200MB}, config: {queue: 'gpu,highmem'}}");
    String[] task = atWork("Stays");
    site.losesNode(task[1], Long.parseLong(task[2]));

    awaitSuccess();

    String other = task[1].equals("gpu1") ? "mem1" : "gpu1";
    assertThat(base.resolve("told")).hasContent("{\"Stays\": [2, \"any\", \"" + other + "\"]}");
    failed("Stays", "WORKER_LOST");
  }
}
