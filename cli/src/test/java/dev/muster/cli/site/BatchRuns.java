package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What must hold for runs of backend batch on any real batch system. */
@Timeout(300)
abstract class BatchRuns {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String OPERATIONS = """
      import os, time

      def square(ctx):
          return ctx.partition.index ** 2

      def total(ctx, Each):
          return sum(Each)

      def wait(ctx, x=0):
          name = str(ctx.base_dir / ("at-work-%d" % ctx.partition.index))
          open(name, "x").close()  # "x": twice is an error
          while not (ctx.base_dir / "go").exists():
              time.sleep(0.1)
          return ctx.attempt

      def die_once(ctx):
          print("last words", flush=True)
          if ctx.attempt == 1:
              os.kill(os.getpid(), 9)
          return ctx.attempt
      """;

  private Site site;
  Path base;
  private final List<MusterProcess> started = new ArrayList<>();

  /** Returns the site. */
  abstract Site site() throws Exception;

  @BeforeEach
  void makeWorkspace() throws Exception {
    site = site();
    base = Files.createDirectories(site.workspace());
    Files.writeString(base.resolve("ops.py"), OPERATIONS);
    LiveSite.open(base);
    assertThat(site.queue()).as("jobs of somebody else").isEmpty();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    started.forEach(MusterProcess::end);
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
  }

  private MusterProcess start(String stages, String pool, String command, String... options)
      throws IOException {
    StringBuilder text = new StringBuilder("name: site\nregistry:\n  operations:\n");
    for (String name : List.of("square", "total", "wait", "die_once")) {
      text.append("    ").append(name).append(": 'ops:").append(name).append("'\n");
    }
    text.append("data: {datasets: [{name: data, files: [a, b, c, d, e, f]}]}\n");
    text.append("analysis:\n  stages:\n").append(stages);
    text.append("execution:\n  backend: batch\n  strategy: ").append(site.strategy());
    text.append("\n  config: {poll_interval: 1s, python: /usr/bin/python3}\n  pools:\n");
    text.append("    default: {resources: {cpus: 1, memory: 200MB}, config: {")
        .append(pool)
        .append("}}\n");
    Files.writeString(base.resolve("site.yaml"), text);
    MusterProcess process = MusterProcess.start(site.java(), base, command, options);
    started.add(process);
    return process;
  }

  private MusterProcess run(String stages, String pool, String... options) throws Exception {
    MusterProcess process = start(stages, pool, "run", options);
    process.awaitEnd(LIMIT);
    return process;
  }

  private static String stage(String id, String operation, String more) {
    return "    - {id: " + id + ", op: " + operation + more + "}\n";
  }

  private Path latest() {
    return base.resolve(".muster/runs/latest");
  }

  private List<Path> arrays() throws IOException {
    try (Stream<Path> folders = Files.list(latest().resolve("debug/batch"))) {
      return folders
          .filter(each -> Files.exists(each.resolve("calls")))
          .sorted()
          .toList();
    }
  }

  private String about(String command, String... options) throws Exception {
    MusterProcess process =
        MusterProcess.about(site.java(), base, command, latest().toString(), options);
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
    return process.output();
  }

  private void awaitWork(int tasks) {
    await().atMost(LIMIT).until(() -> {
      try (Stream<Path> files = Files.list(base)) {
        return files
                .filter(each -> each.getFileName().toString().startsWith("at-work"))
                .count()
            == tasks;
      }
    });
  }

  @Test
  void tasksThatAreReadyTogetherAreOneArray() throws Exception {
    String shell = ", scope: partition, params: {command: 'echo {input.Each}'}";
    String note =
        ", scope: global, needs: [All], params: {command: 'echo {input.All} > {base_dir}/total'}";
    MusterProcess process = run(
        stage("Each", "square", ", scope: partition")
            + stage("Say", "shell", shell)
            + stage("All", "total", ", scope: global, needs: [Each]")
            + stage("Note", "shell", note),
        "");
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(base.resolve("total")).hasContent("55");
    assertThat(arrays()).hasSizeBetween(3, 5); // Each; Say, All and Note, as their inputs come
    assertThat(process.output()).contains("go on if this process dies");
  }

  @Test
  void jobsThatShareATaskEndWell() throws Exception {
    MusterProcess process = run(stage("Each", "square", ", scope: partition"), "tasks_per_job: 4");
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(arrays()).hasSize(1);
    try (Stream<Path> files = Files.list(arrays().get(0))) {
      assertThat(files.filter(each -> each.toString().endsWith(".jsonl"))).hasSize(2);
    }
  }

  @Test
  void aTaskWhoseJobIsKilledIsTriedAgain() throws Exception {
    MusterProcess process = run(stage("Shaky", "die_once", ", scope: global"), "");
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(arrays()).hasSize(2);
  }

  @Test
  void jobsThatSomebodyRemovesAreSubmittedAgain() throws Exception {
    MusterProcess process = start(stage("Waits", "wait", ", scope: partition"), "", "run");
    awaitWork(6);
    for (int i = 0; i < 6; i++) {
      Files.delete(base.resolve("at-work-" + i));
    }
    site.remove(site.queue());
    awaitWork(6);
    Files.createFile(base.resolve("go"));
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
  }

  @Test
  void interruptEndsTheJobs() throws Exception {
    MusterProcess process = start(stage("Waits", "wait", ", scope: partition"), "", "run");
    awaitWork(6);
    process.signal("INT");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isEqualTo(130);
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
  }

  @Test
  void jobsOutliveTheControllerAndCancelEndsThem() throws Exception {
    MusterProcess process = start(stage("Waits", "wait", ", scope: partition"), "", "run");
    awaitWork(6);
    process.signal("KILL");
    process.awaitEnd(LIMIT);
    String listed = about("jobs");
    assertThat(listed.lines().filter(line -> line.contains("running"))).hasSize(6);
    assertThat(listed).contains("Waits");
    assertThat(site.queue()).hasSize(6);
    assertThat(about("cancel")).contains("6 jobs cancelled");
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
    assertThat(about("jobs")).contains("no jobs");
  }

  @Test
  void jobsThatOutliveTheControllerAreTakenOver() throws Exception {
    String stages = stage("Waits", "wait", ", scope: partition");
    MusterProcess process = start(stages, "", "run");
    awaitWork(6);
    process.signal("KILL");
    process.awaitEnd(LIMIT);
    List<String> jobs = site.queue();
    MusterProcess next = start(stages, "", "run", "--resume");
    next.awaitOutput("they are taken over", LIMIT);
    assertThat(about("jobs").lines().filter(line -> line.contains("running"))).hasSize(6);
    assertThat(site.queue()).containsExactlyInAnyOrderElementsOf(jobs);
    Files.createFile(base.resolve("go"));
    next.awaitEnd(LIMIT);
    assertThat(next.exitCode()).as(next.output()).isZero();
    assertThat(about("jobs")).contains("no jobs");
  }

  @Test
  void jobsWhoseWorkHasChangedAreEnded() throws Exception {
    MusterProcess process = start(stage("Waits", "wait", ", scope: partition"), "", "run");
    awaitWork(6);
    process.signal("KILL");
    process.awaitEnd(LIMIT);
    for (int i = 0; i < 6; i++) {
      Files.delete(base.resolve("at-work-" + i));
    }
    String changed = stage("Waits", "wait", ", scope: partition, params: {x: 1}");
    MusterProcess next = start(changed, "", "run", "--resume");
    next.awaitOutput("what they make has changed or is not certain: 6", LIMIT);
    awaitWork(6);
    assertThat(site.queue()).hasSize(6);
    next.signal("INT");
    next.awaitEnd(LIMIT);
    assertThat(next.exitCode()).as(next.output()).isEqualTo(130);
  }

  @Test
  void cancelEndsARunThatIsAtWork() throws Exception {
    MusterProcess process = start(stage("Waits", "wait", ", scope: partition"), "", "run");
    awaitWork(6);
    assertThat(about("cancel")).contains("the run has ended");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
    assertThat(process.output()).contains("ended by 'muster cancel'");
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
  }

  @Test
  void withOrphansEndTheJobsEndWithTheController() throws Exception {
    MusterProcess process =
        start(stage("Waits", "wait", ", scope: partition"), "orphans: end", "run");
    awaitWork(6);
    process.signal("KILL");
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
  }

  @Test
  void whatIsRefusedIsToldInTheBatchSystemsOwnWords() throws Exception {
    String options = options(site.refused());
    MusterProcess process = run(stage("Each", "square", ", scope: partition"), options);
    assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
    assertThat(process.output()).contains("backend failure", "was refused by " + site.strategy());
  }

  @Test
  void whatCanNeverStartFails() throws Exception {
    String options = options(site.impossible());
    MusterProcess process = run(stage("Each", "square", ", scope: global"), options);
    assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
    assertThat(process.output()).containsPattern("can never start|was refused");
  }

  @Test
  void aHeldJobIsToldAndGivenUpAfterAWhile() throws Exception {
    String options = options(site.held()) + ", held_timeout: 5s";
    MusterProcess process = run(stage("Each", "square", ", scope: global"), options);
    assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
    assertThat(process.output()).contains("is held: ", "was held for 00:00:05 (held_timeout)");
  }

  @Test
  void theSiteCanBeProbed() throws Exception {
    MusterProcess process = start(stage("Each", "square", ", scope: global"), "", "probe");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output()).contains("submission", "Python 3");
  }

  /** Makes the site take fewer jobs at once, until {@link #unlimit}. */
  abstract void limit() throws Exception;

  abstract void unlimit() throws Exception;

  @Test
  void noMoreIsSubmittedThanTheSiteTakes() throws Exception {
    limit();
    try {
      MusterProcess process = run(
          stage("Each", "square", ", scope: partition")
              + stage("All", "total", ", scope: global, needs: [Each]"),
          "");
      assertThat(process.exitCode()).as(process.output()).isZero();
      assertThat(arrays()).hasSizeGreaterThanOrEqualTo(4); // six tasks, and one
    } finally {
      unlimit();
    }
  }

  private static String options(java.util.Map<String, String> options) {
    return String.join(
        ", ",
        options.entrySet().stream()
            .map(each -> each.getKey() + ": " + each.getValue())
            .toList());
  }
}
