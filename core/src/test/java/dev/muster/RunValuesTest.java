package dev.muster;

import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.run;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.entry;

import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskResult;
import dev.muster.run.TaskStatus;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.lang.ref.WeakReference;
import java.math.BigInteger;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class RunValuesTest {
  @Test
  void passesAnyObjectFromStageToStage() {
    Object token = new Object();
    RunResult result = run(
        Workflow.builder()
            .stage("Make")
            .run(context -> token)
            .stage("Same")
            .run(context -> context.input("Make"))
            .build(),
        workers(1));
    assertThat(result.stage("Same").value()).isSameAs(token);
  }

  @Test
  void saysThatAnOutputWasNotKept() {
    Workflow workflow = Workflow.builder()
        .stage("Make")
        .run(context -> "made")
        .stage("Read")
        .run(context -> null)
        .build();
    RunResult result = run(workflow, workers(1)).orThrow();
    String message = "the output of Make was not kept: it is dropped when all tasks that read it"
        + " have ended; RunOptions.builder().keepValues(true) keeps the outputs of all tasks";
    assertThatIllegalStateException()
        .isThrownBy(() -> result.stage("Make").value())
        .withMessage(message);
    assertThatIllegalStateException()
        .isThrownBy(() -> result.stage("Make").values())
        .withMessage(message);
    TaskResult task = result.stage("Make").tasks().get(0);
    assertThat(task.hasValue()).isFalse();
    assertThatIllegalStateException().isThrownBy(task::value).withMessage(message);
    assertThat(result.stage("Read").value()).isNull();
    assertThat(result.stage("Read").tasks().get(0).hasValue()).isTrue();
    RunResult kept = run(workflow, workers(1), RunOptions.builder().keepValues(true));
    assertThat(kept.stage("Make").value()).isEqualTo("made");
  }

  @Test
  void givesAValueThatHoldsItself() {
    Workflow workflow = Workflow.builder()
        .stage("Write")
        .run(context -> {
          Files.writeString(
              context.outputDirectory().resolve("x"), "y"); // makes the temporary folder
          List<Object> itself = new ArrayList<>();
          itself.add(itself);
          return itself;
        })
        .build();
    RunResult result;
    try (Run run = Muster.start(workflow, workers(1))) {
      result = run.await();
    }
    assertThat(result.stage("Write").value()).isInstanceOf(List.class);
  }

  @Test
  void saysThatAFileOfTheTemporaryFolderIsDeleted() {
    Workflow workflow = Workflow.builder()
        .stage("Write")
        .run(context -> Map.of(
            "files",
            List.of(FileRef.of(Files.writeString(context.outputDirectory().resolve("x"), "y")))))
        .build();
    RunResult result;
    try (Run run = Muster.start(workflow, workers(1))) {
      result = run.await();
      assertThat(result.stage("Write").value()).isInstanceOf(Map.class);
    }
    assertThat(result.stage("Write").tasks().get(0).hasValue()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> result.stage("Write").value())
        .withMessageContaining("was deleted with the run's temporary folder")
        .withMessageContaining("RunOptions.builder().directory(..)");
  }

  @Test
  void passesValuesOfEachPartitionToItsOwn() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 3))
            .dataset(data("b", 2))
            .stage("Index")
            .run(context -> context.partition().index())
            .stage("Double")
            .run(context -> 2 * context.input("Index", Integer.class))
            .build(),
        workers(3));
    assertThat(result.stage("Double").values()).containsExactly(0, 2, 4, 6, 8);
  }

  @Test
  void gathersEachDatasetAndThenEverything() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 3))
            .dataset(data("empty", 0))
            .dataset(data("b", 2))
            .stage("Index")
            .run(context -> context.partition().index())
            .stage("PerDataset")
            .scope(Scope.DATASET)
            .run(context -> context.dataset().name() + context.inputs("Index"))
            .stage("All")
            .scope(Scope.GLOBAL)
            .run(context ->
                context.inputDatasets("PerDataset").stream().map(Dataset::name).toList()
                    + " "
                    + context.input("PerDataset"))
            .build(),
        workers(2));
    assertThat(result.stage("All").value())
        .isEqualTo("[a, empty, b] [a[0, 1, 2], empty[], b[3, 4]]");
  }

  @Test
  void gathersInTheOrderOfThePartitions() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 200))
            .stage("Index")
            .run(context -> context.partition().index())
            .stage("All")
            .scope(Scope.GLOBAL)
            .run(context -> {
              List<Object> partitions = new ArrayList<>();
              for (Partition partition : context.inputPartitions("Index")) {
                partitions.add(partition.index());
              }
              return partitions.equals(context.inputs("Index")) ? partitions.size() : partitions;
            })
            .build(),
        workers(4));
    assertThat(result.stage("All").value()).isEqualTo(200);
  }

  @Test
  void scattersOneValueToAllPartitions() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 4))
            .stage("Constants")
            .scope(Scope.GLOBAL)
            .run(context -> 10)
            .stage("Add")
            .run(context -> context.input("Constants", Integer.class)
                + context.partition().index()
                + context.inputs("Constants").size())
            .build(),
        workers(2));
    assertThat(result.stage("Add").values()).containsExactly(11, 12, 13, 14);
  }

  @Test
  void leavesOutDatasetsThatDoNotTakePart() {
    Dataset real = new Dataset("real", List.of("r"), List.of(), Map.of("eventtype", "data"));
    Dataset simulated = new Dataset("sim", List.of("s"), List.of(), Map.of("eventtype", "mc"));
    RunResult result = run(
        Workflow.builder()
            .dataset(real)
            .dataset(simulated)
            .stage("Weights")
            .appliesTo(Map.of("eventtype", "mc"))
            .run(context -> "weights of " + context.dataset().name())
            .stage("Select")
            .from(List.of(StageInput.of("Weights").asOptional()))
            .run(context -> context.dataset().name() + ": " + context.input("Weights") + " "
                + context.inputs("Weights"))
            .stage("Gather")
            .scope(Scope.GLOBAL)
            .from("Weights")
            .needs("Select")
            .run(context -> context.inputs("Weights"))
            .build(),
        workers(2));
    assertThat(result.stage("Weights").tasks()).hasSize(1);
    assertThat(result.stage("Select").values())
        .containsExactly("real: null []", "sim: weights of sim [weights of sim]");
    assertThat(result.stage("Gather").value()).isEqualTo(List.of("weights of sim"));
  }

  @Test
  void readsWhatAStageThatDoesNotApplyWouldHaveRead() {
    Dataset real = new Dataset("data", List.of("r"), List.of(), Map.of("eventtype", "data"));
    Dataset simulated =
        new Dataset("ttbar", List.of("s", "t"), List.of(), Map.of("eventtype", "mc"));
    RunResult result = run(
        Workflow.builder()
            .dataset(real)
            .dataset(simulated)
            .stage("Read")
            .run(context -> "read " + context.partition().files())
            .stage("Common")
            .run(context -> Map.of("events", "common of " + context.input("Read")))
            .stage("MCOnly")
            .appliesTo(Map.of("eventtype", "mc"))
            .from(List.of(new StageInput("Common", "events", null)))
            .run(context -> "weighted " + context.input("events"))
            .stage("Final")
            .from("MCOnly")
            .run(context -> context.inputNames() + " " + context.input("MCOnly"))
            .stage("PerDataset")
            .from("MCOnly")
            .scope(Scope.DATASET)
            .run(context -> context.inputs("MCOnly") + " "
                + context.inputPartitions("MCOnly").size())
            .build(),
        workers(2));
    assertThat(result.stage("Final").values())
        .containsExactly(
            "[MCOnly] common of read [r]",
            "[MCOnly] weighted common of read [s]",
            "[MCOnly] weighted common of read [t]");
    assertThat(result.stage("PerDataset").values())
        .containsExactly(
            "[common of read [r]] 1",
            "[weighted common of read [s], weighted common of read [t]] 2");
  }

  @Test
  void givesPortsUnderTheirNames() {
    RunResult result = run(
        Workflow.builder()
            .stage("Make")
            .run(context -> Map.of("hist", "H", "count", 3))
            .stage("Use")
            .from(List.of(
                new StageInput("Make", "hist", null),
                new StageInput("Make", "count", "n"),
                new StageInput("Make", null, "all")))
            .run(context -> context.inputNames() + " " + context.input("hist") + context.input("n")
                + ((Map<?, ?>) context.input("all")).size())
            .build(),
        workers(1));
    assertThat(result.stage("Use").value()).isEqualTo("[hist, n, all] H32");
  }

  static Stream<Arguments> outputsWithoutThePort() {
    return Stream.of(
        Arguments.of(Map.of("other", 1), "returned the outputs [other]"),
        Arguments.of(null, "returned nothing"));
  }

  @ParameterizedTest
  @MethodSource("outputsWithoutThePort")
  void saysWhichPortIsMissing(Object output, String expected) {
    RunResult result = run(
        Workflow.builder()
            .stage("Make")
            .run(context -> output)
            .stage("Use")
            .from(List.of(new StageInput("Make", "hist", null)))
            .run(context -> context.input("hist"))
            .build(),
        workers(1));
    assertThat(result.failures())
        .singleElement()
        .satisfies(task -> assertThat(task.failure().message())
            .contains("stage Use reads the output 'hist' of Make", expected));
  }

  @Test
  void takesBareOutputForThePortThatAloneIsNamed() {
    Workflow.Builder workflow = Workflow.builder();
    workflow.stage("Make").run(context -> "text");
    for (String name : List.of("One", "Two")) {
      workflow
          .stage(name)
          .needs("Make")
          .from(List.of(new StageInput("Make", "hist", null)))
          .run(context -> context.input("hist"));
    }
    RunResult result = run(workflow.build(), workers(1)).orThrow();
    assertThat(result.stage("One").value()).isEqualTo("text");
    assertThat(result.stage("Two").value()).isEqualTo("text");
  }

  @Test
  void refusesBareOutputForTwoPorts() {
    Workflow.Builder workflow = Workflow.builder();
    workflow.stage("Make").run(context -> "text");
    for (String port : List.of("hist", "table")) {
      workflow
          .stage("Use_" + port)
          .needs("Make")
          .from(List.of(new StageInput("Make", port, null)))
          .run(context -> context.input(port));
    }
    assertThat(run(workflow.build(), workers(1)).failures().get(0).failure().message())
        .contains("of Make, which returned a single String, and other outputs of it are read too");
  }

  @Test
  void convertsInputs() {
    RunResult result = run(
        Workflow.builder()
            .stage("Make")
            .run(context -> 3)
            .stage("Use")
            .from("Make")
            .run(context -> context.input("Make", double.class) + context.input("Make", Long.class))
            .build(),
        workers(1));
    assertThat(result.orThrow().stage("Use").value()).isEqualTo(6.0);
  }

  static Stream<Arguments> params() {
    return Stream.of(
        Arguments.of(read(context -> context.param("n", Integer.class)), 3),
        Arguments.of(read(context -> context.param("n", int.class)), 3),
        Arguments.of(read(context -> context.param("n", Long.class)), 3L),
        Arguments.of(read(context -> context.param("n", Double.class)), 3.0),
        Arguments.of(read(context -> context.param("n", float.class)), 3f),
        Arguments.of(read(context -> context.param("n", BigInteger.class)), BigInteger.valueOf(3)),
        Arguments.of(read(context -> context.param("yes", boolean.class)), true),
        Arguments.of(read(context -> context.param("text", "other")), "abc"),
        Arguments.of(read(context -> context.param("absent", "other")), "other"),
        Arguments.of(read(context -> context.param("list", List.of())), List.of(1, 2)),
        Arguments.of(read(context -> context.param("half", 1.0)), 0.5),
        Arguments.of(read(context -> context.param("n", 0.5)), 3.0),
        Arguments.of(read(context -> context.param("n", double.class)), 3.0),
        Arguments.of(read(context -> context.param("nan", double.class)), Double.NaN));
  }

  private static Operation read(Operation operation) {
    return operation;
  }

  private static RunResult withParams(Operation operation) {
    return run(
        Workflow.builder()
            .stage("Read")
            .param("n", 3)
            .param("yes", true)
            .param("text", "abc")
            .param("list", List.of(1, 2))
            .param("half", 0.5)
            .param("nan", Double.NaN)
            .param("big", 9007199254740993L)
            .run(operation)
            .build(),
        workers(1));
  }

  @ParameterizedTest
  @MethodSource("params")
  void convertsParameters(Operation operation, Object expected) {
    assertThat(withParams(operation).stage("Read").value()).isEqualTo(expected);
  }

  static Stream<Arguments> wrongParams() {
    return Stream.of(
        Arguments.of(
            read(context -> context.param("missing", Integer.class)),
            "stage Read needs the parameter 'missing'; it has [n, yes, text, list, half, nan, big]"),
        Arguments.of(
            read(context -> context.param("text", Integer.class)),
            "stage Read: parameter 'text' is abc (a String), not a Integer"),
        Arguments.of(
            read(context -> context.param("half", 1)),
            "stage Read: parameter 'half' is 0.5 (a Double), not a Integer; read it as Double.class,"
                + " or give a fallback such as 1.0"),
        Arguments.of(
            read(context -> context.param("big", int.class)),
            "stage Read: parameter 'big' is 9007199254740993 (a Long), not a int"),
        Arguments.of(
            read(context -> context.param("big", 1.0)),
            "stage Read: parameter 'big' is 9007199254740993 (a Long), not a Double"),
        Arguments.of(
            read(context -> context.param("n", String.class)),
            "stage Read: parameter 'n' is 3 (a Integer), not a String"));
  }

  @ParameterizedTest
  @MethodSource("wrongParams")
  void saysWhatIsWrongWithAParameter(Operation operation, String message) {
    assertThat(withParams(operation).failures())
        .singleElement()
        .satisfies(task ->
            assertThat(task.failure().message()).isEqualTo("IllegalArgumentException: " + message));
  }

  @Test
  void dropsValuesThatNothingReadsAnyMore() {
    AtomicReference<WeakReference<Object>> made = new AtomicReference<>();
    CountDownLatch collected = new CountDownLatch(1);
    RunResult result = run(
        Workflow.builder()
            .stage("Make")
            .run(context -> {
              Object value = new byte[1000];
              made.set(new WeakReference<>(value));
              return value;
            })
            .stage("Use")
            .run(context -> context.input("Make") != null)
            .stage("Later")
            .run(context -> {
              Awaitility.await().atMost(RunFixture.PATIENCE).until(() -> {
                System.gc();
                return made.get().get() == null;
              });
              collected.countDown();
              return "last";
            })
            .build(),
        workers(1));
    assertThat(collected.getCount()).isZero();
    assertThat(result.stage("Make").tasks().get(0).hasValue()).isFalse();
    assertThat(result.stage("Later").value()).isEqualTo("last");
  }

  @Test
  void keepsAllValuesOnDemand() {
    RunResult result = run(
        Workflow.builder()
            .stage("Make")
            .run(context -> "made")
            .stage("Use")
            .run(context -> context.input("Make") + " used")
            .build(),
        workers(1),
        RunOptions.builder().keepValues(true));
    assertThat(result.stages().entrySet().stream()
            .map(stage -> entry(stage.getKey(), stage.getValue().value())))
        .containsExactly(entry("Make", "made"), entry("Use", "made used"));
  }

  @Test
  void dropsValuesWhoseReadersWereSkippedBefore() {
    // Slow succeeds after its only reader has been skipped because of Bad.
    CountDownLatch skipped = new CountDownLatch(1);
    RunResult result = run(
        Workflow.builder()
            .stage("Bad")
            .needs()
            .run(context -> {
              throw new IllegalStateException("bad");
            })
            .stage("Slow")
            .needs()
            .run(context -> skipped.await(30, java.util.concurrent.TimeUnit.SECONDS))
            .stage("Both")
            .needs("Bad", "Slow")
            .run(context -> null)
            .build(),
        workers(2),
        RunOptions.builder().keepGoing(true).listener(event -> {
          if (event instanceof dev.muster.run.RunEvent.TaskSkipped) {
            skipped.countDown();
          }
        }));
    assertThat(result.stage("Slow").tasks().get(0).status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(result.stage("Slow").tasks().get(0).hasValue()).isFalse();
  }

  @Test
  void runsStagesWithoutTasks() {
    RunFixture.Events events = new RunFixture.Events();
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 2))
            .stage("None")
            .appliesTo(Map.of("name", "nobody"))
            .run(context -> null)
            .stage("After")
            .from(List.of(StageInput.of("None").asOptional()))
            .run(context -> context.inputs("None").size())
            .stage("All")
            .scope(Scope.GLOBAL)
            .from("None")
            .run(context -> context.inputs("None"))
            .build(),
        workers(2),
        RunOptions.builder().listener(events::add));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(result.stage("None").tasks()).isEmpty();
    assertThat(result.stage("After").values()).containsExactly(0, 0);
    assertThat(result.stage("All").value()).isEqualTo(List.of());
  }

  @Test
  void endsAtOnceIfThereIsNothingToDo() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 0))
            .stage("None")
            .run(context -> null)
            .build(),
        workers(1));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aContextIsInvalidOnceItsOperationHasReturned() {
    AtomicReference<OperationContext> kept = new AtomicReference<>();
    run(
        Workflow.builder()
            .stage("Keep")
            .run(context -> {
              kept.set(context);
              return null;
            })
            .build(),
        workers(1));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> kept.get().stage())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has returned");
  }
}
