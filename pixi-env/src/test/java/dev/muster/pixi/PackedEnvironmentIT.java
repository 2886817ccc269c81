package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.Jobs;
import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.probe.Finding;
import dev.muster.probe.ProbeReport;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dask workers whose Python and packages come out of an archive, on processes of this host. */
class PackedEnvironmentIT {
  private static final Duration LIMIT = Duration.ofSeconds(150);

  @TempDir
  static Path home;

  private static Path prefix;

  @TempDir
  Path base;

  private final List<RunEvent> events = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void install() throws Exception {
    prefix = RealPrefix.make(home.resolve("project/.pixi/envs/default"));
  }

  @BeforeEach
  void copyOperations() throws IOException {
    try (InputStream ops =
        Objects.requireNonNull(PackedEnvironmentIT.class.getResourceAsStream("packed_ops.py"))) {
      Files.copy(ops, base.resolve("packed_ops.py"));
    }
  }

  /** Gets the environment ready, and then does something to this host. */
  private interface Afterwards {
    void act(PreparedEnvironment prepared) throws IOException;
  }

  private static EnvironmentProvider then(Afterwards afterwards) {
    return new EnvironmentProvider() {
      @Override
      public String type() {
        return "packed-pixi";
      }

      @Override
      public PreparedEnvironment prepare(EnvironmentContext context) {
        PreparedEnvironment prepared = new PackedPixiEnvironment().prepare(context);
        try {
          afterwards.act(prepared);
        } catch (IOException e) {
          throw new MusterException("the test cannot go on", e);
        }
        return prepared;
      }
    };
  }

  private Workflow workflow() {
    return Workflow.builder()
        .name("packed")
        .baseDirectory(base)
        .registry(new Registry(Map.of("where", "packed_ops:where"), Map.of()))
        .stage("Where", stage -> stage.op("where"))
        .stage("There", stage -> stage.op("where").require("gpu"))
        .build();
  }

  private Execution.Builder execution(String type, Map<String, Object> options) {
    return Execution.builder()
        .backend("dask")
        .config("python", RealPrefix.PYTHON)
        .environment(new WorkerEnvironment(type, options))
        .pool("default", pool -> pool.workers(2))
        .pool("gpu", pool -> pool.workers(1));
  }

  private Map<String, Object> packed() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("prefix", prefix.toString());
    options.put("cache_dir", home.resolve("cache").toString());
    options.put("compression_level", 1);
    options.put("worker_env_dir", base.resolve("node").toString());
    return options;
  }

  private RunResult run(Execution execution, EnvironmentProvider provider) {
    RunOptions.Builder options =
        RunOptions.builder().directory(base.resolve("run")).keepValues(true).listener(events::add);
    if (provider != null) {
      options.plugin(provider);
    }
    try (Run run = Muster.start(workflow(), execution, options.build())) {
      RunResult result = run.await(LIMIT);
      assertThat(result).as("the run ended in time").isNotNull();
      return result;
    }
  }

  private static Map<?, ?> value(RunResult result, String stage) {
    return (Map<?, ?>) result.orThrow().stage(stage).tasks().get(0).value();
  }

  @Test
  void workersUseNothingOfTheHostThatPacked() throws Exception {
    Path hidden = home.resolve("hidden");
    RunResult result;
    try {
      result = run(
          execution("packed-pixi", packed()).build(), then(prepared -> Files.move(prefix, hidden)));
    } finally {
      Files.move(hidden, prefix);
    }
    String there = base.resolve("node").toString();
    for (String stage : List.of("Where", "There")) {
      Map<?, ?> seen = value(result, stage);
      String found = (String) seen.get("prefix");
      assertThat(found).startsWith(there + "/muster-");
      assertThat(seen.get("executable")).isEqualTo(found + "/bin/python");
      assertThat(seen.get("conda")).isEqualTo(found);
      assertThat(seen.get("distributed").toString()).startsWith(found + "/lib/");
      assertThat(seen.get("text")).isEqualTo("prefix=" + found + "\n");
      assertThat(seen.get("binary")).isEqualTo(found + "/lib");
      assertThat(seen.get("length")).isEqualTo(RealPrefix.ROOM + 5L);
      assertThat((List<?>) seen.get("path"))
          .noneMatch(each -> each.toString().startsWith(home.toString()))
          .noneMatch(each -> each.toString().startsWith("/usr/lib/python3"));
    }
    try (var logs = Files.list(base.resolve("run/debug/distributed/err"))) {
      List<String> texts = new ArrayList<>();
      for (Path each : logs.toList()) {
        texts.add(Files.readString(each));
      }
      assertThat(texts)
          .hasSize(3)
          .allMatch(text -> text.contains("setup step 1 of 3: done"))
          .filteredOn(text -> text.contains("extracted the environment to"))
          .hasSize(1);
    }
  }

  @Test
  void aSecondRunPacksNothing() {
    run(execution("packed-pixi", packed()).build(), null).orThrow();
    events.clear();
    try (Run run = Muster.start(
        workflow(),
        execution("packed-pixi", packed()).build(),
        RunOptions.builder()
            .directory(base.resolve("second"))
            .listener(events::add)
            .build())) {
      assertThat(run.await(LIMIT)).isNotNull();
    }
    assertThat(events).noneMatch(event -> event.toString().contains("packing the workers'"));
  }

  @Test
  void anArchiveThatIsAlteredOnItsWayEndsTheRunWithTheReason() {
    Map<String, Object> own = packed();
    own.put("archive_path", base.resolve("own.tar.gz").toString());
    RunResult result = run(execution("packed-pixi", own).build(), then(prepared -> {
      Path archive = Site.archive(prepared);
      try (RandomAccessFile file = new RandomAccessFile(archive.toFile(), "rw")) {
        file.seek(file.length() / 2);
        file.write(1);
        file.write(2);
        file.write(3);
      }
    }));
    assertThatThrownBy(result::orThrow)
        .hasMessageContaining("exit code 79")
        .hasMessageContaining("is refused: it was altered");
  }

  @Test
  void aPoolCannotNameAnotherInterpreter() {
    Execution execution = execution("packed-pixi", packed())
        .pool("gpu", pool -> pool.workers(1).config("python", "/usr/bin/python3"))
        .build();
    assertThatThrownBy(() -> run(execution, null).orThrow())
        .hasMessageContaining("pool gpu: config.python is /usr/bin/python3")
        .hasMessageContaining("'packed-pixi' brings its own interpreter");
  }

  @Test
  void aSharedEnvironmentIsUsedWhereItIs() {
    RunResult result =
        run(execution("shared", Map.of("prefix", prefix.toString())).build(), null);
    assertThat(value(result, "Where").get("prefix")).isEqualTo(prefix.toString());
    assertThat(value(result, "Where").get("conda")).isEqualTo(prefix.toString());
  }

  @Test
  void aProbeTriesTheEnvironment() throws Exception {
    List<Finding> heard = new CopyOnWriteArrayList<>();
    ProbeReport report = Muster.probe(
        Muster.plan(workflow(), execution("packed-pixi", packed()).build()),
        RunOptions.builder().directory(base.resolve("probe")).build(),
        LIMIT,
        heard::add);
    assertThat(report.good()).as("%s", heard).isTrue();
    assertThat(heard)
        .anyMatch(each -> each.check().equals("environment") && each.detail().contains("env-"))
        .anyMatch(each -> each.check().equals("python")
            && each.detail().contains(base.resolve("node").toString()));
  }

  @Test
  void aProbeTellsOfAnEnvironmentThatCannotBeHad() throws Exception {
    ProbeReport report = Muster.probe(
        Muster.plan(
            workflow(),
            execution("packed-pixi", Map.of("prefix", "/no/such/place")).build()),
        RunOptions.builder().directory(base.resolve("probe")).build(),
        LIMIT,
        finding -> {});
    assertThat(report.good()).isFalse();
    assertThat(report.findings().get(1).check()).isEqualTo("environment");
    assertThat(report.findings().get(1).detail()).contains("/no/such/place");
  }

  @Test
  void plannedJobsShowTheSetup() {
    var jobs = Jobs.planned(
        Muster.plan(workflow(), execution("packed-pixi", packed()).build()),
        RunOptions.builder().directory(base.resolve("run")).build());
    assertThat(jobs.get(0).submission().files().values())
        .singleElement()
        .asString()
        .contains("unpack.sh", "export MUSTER_FILES=", "muster_step 1");
  }
}
