package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What must hold for runs of Dask on any real batch system. */
@Timeout(300)
abstract class SiteRuns {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private Site site;
  Path base;
  private final StringBuilder pools = new StringBuilder();
  private final StringBuilder stages = new StringBuilder();
  private String more = "";
  private final List<MusterProcess> started = new ArrayList<>();

  /** Returns the site. */
  abstract Site site() throws Exception;

  @BeforeEach
  void makeWorkspace() throws Exception {
    site = site();
    base = Files.createDirectories(site.workspace());
    try (InputStream operations =
        Objects.requireNonNull(SiteRuns.class.getResourceAsStream("siteops.py"))) {
      Files.copy(operations, base.resolve("siteops.py"));
    }
    open(Files.createDirectory(base.resolve("records")));
    open(base);
    assertThat(site.queue()).as("jobs of somebody else").isEmpty();
  }

  // The owner of the jobs may be somebody else.
  private static void open(Path folder) {
    assertThat(folder.toFile().setWritable(true, false)).isTrue();
    assertThat(folder.toFile().setReadable(true, false)).isTrue();
    assertThat(folder.toFile().setExecutable(true, false)).isTrue();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    started.forEach(MusterProcess::end);
    await().atMost(LIMIT).until(() -> site.queue().isEmpty());
  }

  final void pool(String name, String workers, String resources, Map<String, String> options) {
    pools.append("    ").append(name).append(": {workers: ").append(workers);
    pools.append(", resources: {").append(resources).append("}, config: {");
    pools.append(String.join(
        ", ",
        options.entrySet().stream()
            .map(each -> each.getKey() + ": " + each.getValue())
            .toList()));
    pools.append("}}\n");
  }

  final void pool(String name, String workers, String resources) {
    pool(name, workers, resources, site.config(name));
  }

  final void stage(String id, String operation, String rest) {
    stages
        .append("    - {id: ")
        .append(id)
        .append(", op: ")
        .append(operation)
        .append(rest)
        .append("}\n");
  }

  final MusterProcess start(String command, String... options) throws IOException {
    String operations =
        "where: 'siteops:where', grow: 'siteops:grow', leave: 'siteops:leave', fail: 'siteops:fail'";
    StringBuilder text =
        new StringBuilder("name: site\nregistry:\n  operations: {").append(operations);
    text.append(
        "}\ndata: {datasets: [{name: data, files: [a, b, c, d, e, f]}]}\nanalysis:\n  stages:\n");
    text.append(stages).append("execution:\n  backend: dask\n  strategy: ").append(site.strategy());
    text.append("\n  config: {poll_interval: 1s").append(more);
    site.config()
        .forEach((key, value) -> text.append(", ").append(key).append(": ").append(value));
    text.append("}\n  pools:\n").append(pools);
    Files.writeString(base.resolve("site.yaml"), text);
    MusterProcess process = MusterProcess.start(site.java(), base, command, options);
    started.add(process);
    return process;
  }

  /** Waits until a task of operation leave is at work. */
  final void awaitTask() {
    await().atMost(LIMIT).until(() -> Files.exists(base.resolve("waiting")));
  }

  final MusterProcess run(String... options) throws Exception {
    MusterProcess process = start("run", options);
    process.awaitEnd(LIMIT);
    return process;
  }

  private List<String> records() throws IOException {
    try (Stream<Path> files = Files.list(base.resolve("records"))) {
      return files.map(SiteRuns::text).sorted().toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }

  final List<String> records(String stage) throws IOException {
    return records().stream()
        .filter(each -> each.contains("\"stage\": \"" + stage + "\""))
        .toList();
  }

  private void threePools() {
    pool("default", "2", "cpus: 1, memory: 1GB");
    pool("high_memory", "1", "cpus: 4, memory: 64GB");
    pool("gpu", "1", "gpus: 1, memory: 16GB");
    stage("BuildIndex", "where", ", scope: global, execution: {require: high_memory}");
    stage("Select", "where", ", scope: partition");
    stage("RunInference", "where", ", scope: partition, execution: {require: gpu}");
    stage("ProducePlots", "where", ", scope: partition");
  }

  @Test
  void threePoolsServeOneRunAndEachStageIsOnItsOwn() throws Exception {
    threePools();
    MusterProcess process = run();
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(records("BuildIndex"))
        .hasSize(1)
        .allMatch(each -> each.contains("\"pool\": \"high_memory\""));
    assertThat(records("Select"))
        .hasSize(6)
        .allMatch(each -> each.contains("\"pool\": \"default\""));
    assertThat(records("RunInference"))
        .hasSize(6)
        .allMatch(each -> each.contains("\"pool\": \"gpu\"") && !each.contains("\"gpus\": null"));
    assertThat(records("ProducePlots"))
        .hasSize(6)
        .allMatch(each -> each.contains("\"pool\": \"default\""));
    assertThat(base.resolve(".muster/runs/latest/debug/distributed/logs/bridge.log"))
        .exists();
    for (String kind : List.of("out", "err")) {
      try (Stream<Path> logs =
          Files.list(base.resolve(".muster/runs/latest/debug/distributed").resolve(kind))) {
        assertThat(logs.map(log -> log.getFileName().toString()))
            .hasSize(4)
            .allMatch(log -> log.endsWith("." + kind));
      }
    }
  }

  @Test
  void aRunThatFailsLeavesNothingInTheQueue() throws Exception {
    pool("default", "3", "cpus: 1");
    stage("Fails", "fail", ", scope: global");
    MusterProcess process = run();
    assertThat(process.exitCode()).isEqualTo(1);
    assertThat(process.output()).contains("this analysis fails");
    await().atMost(Duration.ofSeconds(20)).until(() -> site.queue().isEmpty());
  }

  @Test
  void anInterruptedRunLeavesNothingInTheQueue() throws Exception {
    pool("default", "2", "cpus: 1");
    stage("Waits", "leave", ", scope: partition");
    MusterProcess process = start("run");
    awaitTask();
    process.signal("INT");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).isEqualTo(130);
    await().atMost(Duration.ofSeconds(20)).until(() -> site.queue().isEmpty());
  }

  @Test
  void aKilledJvmLeavesNothingInTheQueue() throws Exception {
    pool("default", "2", "cpus: 1");
    pool("later", "2", "cpus: 1", site.held());
    stage("Waits", "leave", ", scope: partition");
    stage("Never", "where", ", scope: global, execution: {require: later}");
    MusterProcess process = start("run");
    awaitTask();
    assertThat(site.queue()).hasSize(4);
    process.signal("KILL");
    process.awaitEnd(LIMIT);
    await().atMost(Duration.ofSeconds(60)).until(() -> site.queue().isEmpty());
  }

  @Test
  void aWorkerRemovedFromOutsideIsReplacedAndNothingIsLost() throws Exception {
    pool("default", "1", "cpus: 1");
    stage("Waits", "leave", ", scope: partition");
    MusterProcess process = start("run");
    awaitTask();
    site.remove(site.queue());
    process.awaitOutput("was removed", LIMIT);
    Files.createFile(base.resolve("go"));
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(records("Waits")).hasSize(6);
  }

  @Test
  void heldJobsAreToldAndGoOnWhenTheyAreReleased() throws Exception {
    pool("default", "1", "cpus: 1", site.held());
    stage("Where", "where", ", scope: global");
    MusterProcess process = start("run");
    process.awaitOutput("is held: ", LIMIT);
    site.release(site.queue());
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
  }

  @Test
  void jobsThatCanNeverStartFailTheirTasksWithTheReason() throws Exception {
    pool("default", "1", "cpus: 1", site.impossible());
    stage("Where", "where", ", scope: global");
    MusterProcess process = run();
    assertThat(process.exitCode()).isEqualTo(1);
    assertThat(process.output())
        .contains("pool default will have no workers")
        .contains("can never start: ");
  }

  @Test
  void aRefusedSubmissionIsToldInTheSitesOwnWords() throws Exception {
    pool("default", "1", "cpus: 1", site.refused());
    stage("Where", "where", ", scope: global");
    MusterProcess process = run();
    assertThat(process.exitCode()).isEqualTo(1);
    assertThat(process.output()).contains("was refused by " + site.strategy());
  }

  @Test
  void workersThatHaveServedTheirTimeCostNothing() throws Exception {
    pool("default", "1", "cpus: 1", with(site.config("default"), "lifetime", "4s"));
    stage("Slow", "where", ", scope: partition, params: {seconds: 2}");
    MusterProcess process = run();
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(records("Slow")).hasSize(6).allMatch(each -> each.contains("\"attempt\": 1"));
    assertThat(process.output()).contains("site done: 6 tasks");
  }

  private static Map<String, String> with(Map<String, String> options, String key, String value) {
    Map<String, String> all = new HashMap<>(options);
    all.put(key, value);
    return all;
  }

  @Test
  void adaptivePoolsGrowWithTheWorkAndShrinkByWhatWaits() throws Exception {
    more = ", idle_timeout: 1s";
    pool("default", "1", "cpus: 1");
    pool("burst", "{min: 0, max: 3}", "cpus: 1");
    stage("Slow", "where", ", scope: partition, params: {seconds: 1}, execution: {require: burst}");
    stage("Waits", "leave", ", scope: global");
    MusterProcess process = start("run");
    await().atMost(LIMIT).until(() -> site.queue().size() == 4);
    process.awaitOutput("Slow: done", LIMIT);
    await().atMost(LIMIT).until(() -> site.queue().size() == 1);
    Files.createFile(base.resolve("go"));
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
  }

  @Test
  void aBatchSystemThatIsAwayLosesNothing() throws Exception {
    more = ", command_timeout: 10s";
    pool("default", "2", "cpus: 1");
    stage("Waits", "leave", ", scope: partition");
    MusterProcess process = start("run");
    awaitTask();
    site.answer(false);
    try {
      if (site.missed()) {
        process.awaitOutput("cannot be asked about the workers' jobs", LIMIT);
      }
      Files.createFile(base.resolve("go"));
      await().atMost(LIMIT).until(() -> records("Waits").size() == 6);
    } finally {
      site.answer(true);
    }
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(records("Waits")).allMatch(each -> each.contains("\"attempt\": 1"));
  }

  @Test
  void aProbeFindsNothingWrong() throws Exception {
    threePools();
    MusterProcess process = start("probe");
    process.awaitEnd(LIMIT);
    assertThat(process.output()).contains("this site can run the workflow");
    assertThat(process.exitCode()).as(process.output()).isZero();
  }

  @Test
  void aProbeTellsWhyAPoolCannotStart() throws Exception {
    pool("default", "1", "cpus: 1");
    pool("never", "1", "cpus: 1", site.impossible());
    stage("One", "where", ", scope: global");
    stage("Two", "where", ", scope: global, execution: {require: never}");
    MusterProcess process = start("probe", "--timeout", "60s");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
    assertThat(process.output()).containsPattern("never +start .*can never start: ");
  }
}
