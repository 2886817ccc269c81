package dev.muster.dask;

import static dev.muster.dask.DaskSite.execution;
import static dev.muster.dask.DaskSite.two;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.EscalateOn;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaskRunIT {
  @TempDir
  Path base;

  private DaskSite site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
  }

  private static Dataset dataset(int partitions) {
    return Dataset.of(
        "data", IntStream.range(0, partitions).mapToObj(i -> "f" + i).toArray(String[]::new));
  }

  private static Object value(RunResult result, String stage) {
    return result.orThrow().stage(stage).tasks().get(0).value();
  }

  @Test
  void sendsEveryTaskToItsPoolAndNoOtherStageToTheGpu() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(dataset(10))
        .stage("before", s -> s.op("where"))
        .stage("gpu", s -> s.op("where").require("gpu"))
        .stage("after", s -> s.op("where"))
        .build();
    RunResult result = site.run(
        workflow,
        execution()
            .pool("default", p -> p.workers(1))
            .pool("gpu", p -> p.workers(1).gpus(1))
            .build());
    for (String stage : List.of("before", "gpu", "after")) {
      String pool = stage.equals("gpu") ? "gpu" : "default";
      for (TaskResult task : result.orThrow().stage(stage).tasks()) {
        assertThat(task.pool()).isEqualTo(pool);
        assertThat(task.worker()).startsWith(pool + "-");
      }
    }
    // What the workers themselves say; each output holds those that it read.
    for (TaskResult task : result.stage("after").tasks()) {
      Map<?, ?> after = (Map<?, ?>) task.value();
      Map<?, ?> gpu = (Map<?, ?>) ((Map<?, ?>) after.get("inputs")).get("gpu");
      Map<?, ?> before = (Map<?, ?>) ((Map<?, ?>) gpu.get("inputs")).get("before");
      assertThat(List.of(before.get("pool"), gpu.get("pool"), after.get("pool")))
          .containsExactly("default", "gpu", "default");
      assertThat(List.of(before.get("partition"), gpu.get("partition"), after.get("partition")))
          .containsOnly(after.get("partition"));
      assertThat(gpu.get("pid")).isNotEqualTo(before.get("pid"));
    }
  }

  @Test
  void nineStagesOfTenNeverRunOnTheGpuWorker() throws Exception {
    int partitions = 100;
    Workflow.Builder workflow = site.workflow().dataset(dataset(partitions));
    for (int stage = 0; stage < 10; stage++) {
      boolean gpu = stage == 5;
      workflow.stage("s" + stage, s -> (gpu ? s.require("gpu") : s).op("record"));
    }
    site.run(
            workflow.build(),
            execution()
                .pool("default", p -> p.workers(2))
                .pool("gpu", p -> p.workers(1).gpus(1))
                .build())
        .orThrow();
    List<String> gpu = records("record-gpu-");
    assertThat(gpu).hasSize(partitions).containsOnly("s5");
    assertThat(records("record-default-")).hasSize(9 * partitions).doesNotContain("s5");
  }

  /** Returns the stages that workers have noted in their own files. */
  private List<String> records(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(base)) {
      List<String> found = new ArrayList<>();
      for (Path file :
          files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList()) {
        found.addAll(Files.readAllLines(file));
      }
      return found;
    }
  }

  @Test
  void runsAStageInThisJvmBetweenTwoOnDask() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(dataset(6))
        .stage("one")
        .stage(
            "java",
            s -> s.run(context -> 10 * context.input("one", Long.class))
                .environment(e -> e.executor("LocalExecutor")))
        .stage("add")
        .stage("total", s -> s.scope(Scope.GLOBAL))
        .build();
    RunResult result = site.run(workflow, two());
    assertThat(value(result, "total")).isEqualTo(66L);
    assertThat(result.stage("java").tasks())
        .allMatch(task -> !task.worker().startsWith("default-"));
  }

  @Test
  void passesOverStagesThatDoNotApplyToADataset() throws Exception {
    Map<String, Object> mc = Map.of("eventtype", "mc");
    Workflow workflow = site.workflow()
        .dataset(new Dataset("data", List.of("d1", "d2"), List.of(), Map.of("eventtype", "data")))
        .dataset(new Dataset("ttbar", List.of("t1"), List.of(), mc))
        .stage("Read", s -> s.op("one"))
        .stage("Common", s -> s.op("add"))
        .stage("MCOnly", s -> s.op("add").appliesTo(mc).retries(1))
        .stage("MCToo", s -> s.op("add").appliesTo(mc))
        .stage("Final", s -> s.op("add").from("MCToo").retries(1))
        .stage(
            "Java",
            s -> s.from("MCToo")
                .run(context -> context.input("MCToo"))
                .environment(e -> e.executor("LocalExecutor")))
        .stage("PerDataset", s -> s.op("total").from("MCToo").scope(Scope.DATASET))
        .build();
    RunResult result = site.run(workflow, two()).orThrow();
    assertThat(result.stage("Final").values()).containsExactly(3L, 3L, 5L);
    assertThat(result.stage("Java").values()).containsExactly(2L, 2L, 4L);
    assertThat(result.stage("PerDataset").values()).containsExactly(4L, 4L);
  }

  @Test
  void gathersWhatManyTasksMade() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(dataset(500))
        .stage("one")
        .stage("two", s -> s.op("add"))
        .stage("total", s -> s.scope(Scope.GLOBAL))
        .build();
    assertThat(value(site.run(workflow, two()), "total")).isEqualTo(1000L);
  }

  @Test
  void givesALargeResultItself() throws Exception {
    Workflow workflow =
        site.workflow().stage("large", s -> s.param("megabytes", 100)).build();
    Object value = value(site.run(workflow, two()), "large");
    assertThat((byte[]) value).hasSize(100_000_000);
    assertThat(site.directory.resolve("large/value.bytes")).hasSize(100_000_000);
  }

  @Test
  void givesValuesOfAnySizeWithoutADirectory() throws Exception {
    Workflow workflow = site.workflow()
        .stage("large", s -> s.param("megabytes", 0.3))
        .stage("small", s -> s.op("large").needs().param("megabytes", 0))
        .stage("words", s -> s.needs().param("count", 40_000))
        .stage("few", s -> s.op("words").needs().param("count", 1))
        .stage("kept", s -> s.op("words").needs().param("count", 40_000))
        .stage("after", s -> s.op("size").needs("kept"))
        .build();
    RunResult result = Muster.run(workflow, two()).orThrow();
    assertThat((byte[]) value(result, "large")).hasSize(300_000);
    assertThat((byte[]) value(result, "small")).isEmpty();
    assertThat(value(result, "few")).isEqualTo(Map.of("words", List.of("word 0")));
    Object words = ((Map<?, ?>) value(result, "words")).get("words");
    assertThat(words)
        .isEqualTo(IntStream.range(0, 40_000).mapToObj(i -> "word " + i).toList());
    assertThatThrownBy(() -> value(result, "kept"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was not kept")
        .hasMessageContaining("keepValues(true)");
  }

  @Test
  void givesALargeOutputToAnOperationInThisJvm() throws Exception {
    Workflow workflow = site.workflow()
        .stage("large", s -> s.param("megabytes", 20))
        .stage(
            "java",
            s -> s.run(context -> context.input("large", byte[].class).length)
                .environment(e -> e.executor("LocalExecutor")))
        .build();
    assertThat(value(site.run(workflow, two()), "java")).isEqualTo(20_000_000);
  }

  @Test
  void passesPythonObjectsBetweenWorkers() throws Exception {
    Workflow workflow =
        site.workflow().stage("foreign").stage("real", s -> s.require("other")).build();
    RunResult result = site.run(
        workflow,
        execution()
            .pool("default", p -> p.workers(1))
            .pool("other", p -> p.workers(1))
            .build());
    assertThat(value(result, "real")).isEqualTo(1.0);
  }

  @Test
  void aMapThatLooksLikeAFileStaysAMap() throws Exception {
    Map<String, Object> looksLike = Map.of(
        "$file",
        "/etc/hostname",
        "list",
        List.of(Map.of("$bytes", "!!"), Map.of("$$file", Map.of("$array", 1L))));
    Map<String, Object> file = Map.of("$file", "/etc/hostname");
    Workflow workflow = site.workflow()
        .dataset(new Dataset("data", List.of("f"), List.of(), Map.of("look", file)))
        .stage(
            "java", s -> s.run(context -> looksLike).environment(e -> e.executor("LocalExecutor")))
        .stage("given", s -> s.param("$p", file))
        .stage(
            "printed",
            s -> s.op("shell").param("capture", "json").param("command", "echo {input.given}"))
        .stage("again", s -> s.op("given"))
        .build();
    RunResult result = site.run(workflow, two());
    Map<String, Object> given = Map.of(
        "inputs", Map.of("java", looksLike),
        "params", Map.of("$p", file),
        "attributes", Map.of("look", file));
    assertThat(value(result, "again"))
        .isEqualTo(Map.of(
            "inputs", Map.of("printed", given),
            "params", Map.of(),
            "attributes", Map.of("look", file)));
  }

  @Test
  void namesOfPoolsLeadNowhere() throws Exception {
    Workflow workflow = site.workflow()
        .stage("foreign", s -> s.require("cern/gpu"))
        .stage("real", s -> s.require("../../escaped"))
        .build();
    RunResult result = site.run(
        workflow,
        execution()
            .pool("cern/gpu", p -> p.workers(1))
            .pool("../../escaped", p -> p.workers(1))
            .build());
    assertThat(value(result, "real")).isEqualTo(1.0);
    try (var files = Files.walk(base)) {
      assertThat(files.filter(file -> String.valueOf(file.getFileName()).startsWith("escaped")))
          .isEmpty();
    }
  }

  @Test
  void whatAnOperationDoesToItsProcessHarmsNobody() throws Exception {
    for (String name : List.of("random", "types", "queue", "http", "json", "logging", "socket")) {
      Files.writeString(base.resolve(name + ".py"), "raise RuntimeError('of the user')\n");
    }
    site.keepGoing = true;
    Workflow workflow = site.workflow()
        .stage("spoil", s -> s.needs())
        .stage("look", s -> s.needs("spoil"))
        .stage("child", s -> s.needs())
        .stage("processes", s -> s.needs())
        .stage("children", s -> s.op("child").needs("spoil"))
        .stage("again", s -> s.op("look").needs("children"))
        .stage("silent", s -> s.needs())
        .stage("shell", s -> s.needs().param("command", "echo run").modifier("timed"))
        .build();
    RunResult result =
        site.run(workflow, execution().pool("default", p -> p.workers(1)).build());
    List<?> look = (List<?>) result.stage("look").tasks().get(0).value();
    assertThat(look.subList(0, 3)).isEqualTo(java.util.Arrays.asList(true, false, null));
    assertThat(result.stage("child").tasks().get(0).value()).isEqualTo(List.of(0L, 1L, -15L));
    assertThat(result.stage("processes").tasks().get(0).value()).isEqualTo(List.of(-15L, 1L, 2L));
    assertThat(result.stage("again").tasks().get(0).value()).isEqualTo(look); // of the same process
    assertThat(result.failures()).hasSize(1);
    assertThat(result.failures().get(0).failure().kind()).isEqualTo(FailureKind.OPERATION);
    assertThat(result.failures().get(0).failure().message())
        .contains("Silent: (its text cannot be told");
    assertThat(result.stage("shell").tasks().get(0).diagnostics()).containsEntry("left", "shell");
  }

  @Test
  void triesAgainAndLetsDependentsWait() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(dataset(5))
        .stage("one")
        .stage("flaky", s -> s.retries(2))
        .stage("add")
        .build();
    RunResult result = site.run(workflow, two());
    assertThat(result.orThrow().stage("add").tasks())
        .allMatch(task -> task.value().equals(11L));
    assertThat(result.stage("flaky").tasks()).allMatch(task -> task.attempts() == 2);
    assertThat(result.stage("add").tasks()).allMatch(task -> task.attempts() == 1);
    assertThat(site.events(RunEvent.TaskFailed.class)).hasSize(5);
  }

  @Test
  void skipsWhatCannotRunAndGoesOnWithTheRest() throws Exception {
    site.keepGoing = true;
    Workflow workflow = site.workflow()
        .stage("fail", s -> s.needs())
        .stage("skipped", s -> s.op("add").needs("fail"))
        .stage("never", s -> s.op("add").needs("skipped"))
        .stage("one", s -> s.needs())
        .stage("add", s -> s.needs("one"))
        .build();
    RunResult result = site.run(workflow, two());
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(result.stage("skipped").skipped()).isEqualTo(1);
    assertThat(result.stage("never").skipped()).isEqualTo(1);
    assertThat(result.stage("add").tasks().get(0).value()).isEqualTo(2L);
    assertThat(result.failures()).hasSize(1);
    assertThat(result.failures().get(0).failure().message()).contains("ValueError: never");
  }

  @Test
  void runsModifiersAndTellsWhatTheyNote() throws Exception {
    Workflow workflow = site.workflow()
        .stage("one", s -> s.modifier(new Modifier("recorder", Map.of("add", 4))))
        .stage("talk", s -> s.needs())
        .build();
    RunResult result = site.run(workflow, two());
    assertThat(value(result, "one")).isEqualTo(5L);
    assertThat(result.stage("one").tasks().get(0).diagnostics())
        .containsEntry("before", "one")
        .containsEntry("after", 5L);
    assertThat(result.stage("talk").tasks().get(0).diagnostics()).containsEntry("answer", 42L);
    assertThat(site.directory.resolve("logs")).content().contains("hello from a worker");
  }

  @Test
  void runsShellCommandsAndSetsVariables() throws Exception {
    Workflow workflow = site.workflow()
        .stage("variable", s -> s.environment(e -> e.variable("GREETING", "good day")))
        .stage(
            "say",
            s -> s.op("shell")
                .param("command", "echo {input.variable}, $MUSTER_POOL; echo more > out.txt")
                .param("capture", "text")
                .param("outputs", Map.of("file", "out.txt")))
        .build();
    RunResult result = site.run(workflow, two());
    Map<?, ?> said = (Map<?, ?>) value(result, "say");
    assertThat(said.get("stdout")).isEqualTo("good day, default");
    assertThat(((FileRef) said.get("file")).path()).content().isEqualTo("more\n");
  }

  @Test
  void anExitCodeThatIsListedSendsATaskToTheLargerPool() throws Exception {
    Retry retry = new Retry(1, Duration.ZERO, "large", EscalateOn.exitCodes(137, 250));
    Workflow workflow = site.workflow()
        .stage(
            "say",
            s -> s.op("shell")
                .retry(retry)
                .param("command", "test $MUSTER_POOL = large || exit 250; echo $MUSTER_POOL")
                .param("capture", "text"))
        .stage(
            "exit_once",
            s -> s.op("python").needs().retry(retry).param("callable", "ops:exit_once"))
        .build();
    Execution execution = DaskSite.execution()
        .pool("default", pool -> pool.workers(1))
        .pool("large", pool -> pool.workers(1))
        .build();
    RunResult result = site.run(workflow, execution);
    assertThat(value(result, "say")).isEqualTo("large");
    assertThat(value(result, "exit_once")).isEqualTo("large");
  }

  @Test
  void refusesJavaCodeBeforeAnythingStarts() {
    Workflow workflow =
        site.workflow().stage("java", s -> s.run(context -> 1)).stage("unknown").build();
    assertThatThrownBy(() -> site.start(workflow, two()))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("stage java.op")
        .hasMessageContaining("executor: LocalExecutor")
        .hasMessageContaining("stage unknown.op");
  }

  @Test
  void endsATaskThatIsOutOfTime() throws Exception {
    Workflow workflow = site.workflow()
        .stage("sleep", s -> s.timeout(java.time.Duration.ofSeconds(1)))
        .build();
    RunResult result = site.run(workflow, two());
    assertThat(result.failures().get(0).failure().kind()).isEqualTo(FailureKind.TIMEOUT);
  }
}
