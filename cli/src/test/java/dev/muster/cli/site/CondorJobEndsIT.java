package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How jobs of backend batch end on the HTCondor of scripts/sites/condor-up.sh. */
@Exclusive(Exclusive.CONDOR)
@Timeout(300)
class CondorJobEndsIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String OPERATIONS = """
      import json, os, time

      def stay(ctx):
          mark = ctx.base_dir / ("at-work-" + ctx.stage)
          if not mark.exists():  # at the first start
              new = ctx.base_dir / ("new-" + ctx.stage)
              new.write_text("%s %d" % (os.environ["_CONDOR_JOB_AD"], os.getpid()))
              new.rename(mark)
              time.sleep(600)
          return [ctx.attempt, ctx.pool]

      def grow(ctx):
          if ctx.pool == "default":
              much = b"x" * 800_000_000
              time.sleep(600)
          return [ctx.attempt, ctx.pool]

      def tell(ctx, **inputs):
          (ctx.base_dir / "told").write_text(json.dumps(inputs))
      """;

  private CondorSite site;
  private Path base;
  private MusterProcess run;

  @BeforeEach
  void makeWorkspace() throws Exception {
    Path work = Path.of(Commands.variable("MUSTER_CONDOR_WORK", "condor-up.sh"));
    base = Files.createTempDirectory(work, "ends-");
    site = new CondorSite(base);
    LiveSite.open(base);
    Files.writeString(base.resolve("ops.py"), OPERATIONS);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    run.end();
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
  }

  private void start(String stages, String pools) throws Exception {
    Files.writeString(
        base.resolve("site.yaml"), """
        name: ends
        registry:
          operations: {stay: 'ops:stay', grow: 'ops:grow', tell: 'ops:tell'}
        analysis:
          stages:
        STAGES
        execution:
          backend: batch
          strategy: htcondor
          config: {poll_interval: 1s, python: /usr/bin/python3}
          pools:
            default: {resources: {cpus: 1, memory: 200MB}}
        POOLS
        """.replace("STAGES", stages.indent(4).stripTrailing())
            .replace("POOLS", pools.indent(4).stripTrailing()));
    run = MusterProcess.start(site.java(), base, "run", "--run-dir", "run", "--keep-going");
  }

  private void atWork(String stage) {
    Path mark = base.resolve("at-work-" + stage);
    await(stage).atMost(LIMIT).until(() -> Files.exists(mark) || !run.running());
    assertThat(mark).as(run.output()).exists();
  }

  /** Returns the job of a pool that has one. */
  private String job(String pool) throws Exception {
    List<String> jobs =
        Commands.lines(List.of("condor_q", "-allusers", "-af:j", "MusterTag")).stream()
            .filter(line -> line.contains(" " + pool + "."))
            .toList();
    assertThat(jobs).as(run.output()).hasSize(1);
    return jobs.get(0).replaceFirst(" .*", "");
  }

  /** Tells whether a task failed so, by the run's journal; returns the line. */
  private String failed(String stage, String kind) throws IOException {
    List<String> lines = Files.readString(base.resolve("run/journal"), StandardCharsets.ISO_8859_1)
        .lines()
        .filter(line -> line.contains("\"" + stage) && line.contains("\"kind\":"))
        .toList();
    assertThat(lines).as(run.output()).anyMatch(line -> line.contains("\"kind\":\"" + kind + "\""));
    return String.join("\n", lines);
  }

  private void awaitSuccess() throws Exception {
    run.awaitEnd(LIMIT);
    assertThat(run.exitCode()).as(run.output()).isZero();
  }

  @Test
  void aTaskWhoseJobIsEndedByTheSiteGoesOnInAnother() throws Exception {
    CondorSite.configure("""
        PERIODIC_EXPR_INTERVAL = 2
        STARTER_INITIAL_UPDATE_INTERVAL = 2
        STARTER_UPDATE_INTERVAL = 5
        SYSTEM_PERIODIC_HOLD = JobStatus == 2 && ResidentSetSize > 2048 * RequestMemory
        SYSTEM_PERIODIC_HOLD_REASON = "it uses more memory than it asked for"
        """);
    try {
      start("""
          - {id: Grows, op: grow, needs: [], execution: {retry: {max: 1, escalate: large}}}
          - {id: Slow, op: stay, needs: [], execution: {require: quick, retry: {max: 1}}}
          - {id: Removed, op: stay, needs: [], execution: {require: removed, retry: {max: 1}}}
          - {id: Evicted, op: stay, needs: [], execution: {require: evicted, retry: {max: 0}}}
          - {id: Tell, op: tell, needs: [Grows, Slow, Removed, Evicted]}
          """, """
          large: {resources: {cpus: 1, memory: 2GB}}
          quick: {resources: {cpus: 1, memory: 200MB}, config: {walltime: 10s}}
          removed: {resources: {cpus: 1, memory: 200MB}}
          evicted: {resources: {cpus: 1, memory: 200MB}}
          """);
      atWork("Removed");
      site.remove(List.of(job("removed")));
      atWork("Evicted");
      Commands.lines(CondorSite.byOwner("condor_vacate_job", List.of("-fast", job("evicted"))));
      awaitSuccess();
    } finally {
      CondorSite.configure("");
    }
    assertThat(base.resolve("told"))
        .hasContent("{\"Grows\": [2, \"large\"], \"Slow\": [2, \"quick\"],"
            + " \"Removed\": [2, \"removed\"], \"Evicted\": [1, \"evicted\"]}");
    assertThat(failed("Grows", "OUT_OF_MEMORY")).contains("more memory than it asked for");
    failed("Slow", "WALLTIME");
    failed("Removed", "WORKER_LOST");
  }

  @Test
  void aTaskWhoseJobCannotRunFailsWithTheReason() throws Exception {
    start("""
        - {id: Held, op: stay, needs: [], execution: {require: held}}
        - {id: Never, op: stay, needs: [], execution: {require: never}}
        """, """
        held: {resources: {cpus: 1, memory: 200MB}, config: {held_timeout: 3s, job_extra_directives: [hold = True]}}
        never: {resources: {cpus: 1, memory: 200MB}, config: {requirements: 'Machine == "nowhere"'}}
        """);
    run.awaitEnd(LIMIT);
    assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
    assertThat(failed("Held", "BACKEND")).contains("was held for", "submitted on hold");
    assertThat(failed("Never", "BACKEND")).contains("can never start");
  }

  /** HTCondor gives a machine up that is silent, and starts its jobs again. */
  @Test
  void aTaskWhoseMachineIsLostRunsAgainInItsJob() throws Exception {
    start("""
        - {id: Stays, op: stay, needs: [], execution: {retry: {max: 0}}}
        - {id: Tell, op: tell, needs: [Stays]}
        """, "");
    atWork("Stays");
    site.losesMachine();
    awaitSuccess();
    assertThat(base.resolve("told")).hasContent("{\"Stays\": [1, \"default\"]}");
  }
}
