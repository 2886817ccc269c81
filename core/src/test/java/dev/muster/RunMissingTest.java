package dev.muster;

import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.RunFixture.Events;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunEvent.InputsMissing;
import dev.muster.run.RunFailedException;
import dev.muster.run.RunResult;
import dev.muster.run.RunState;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskFailure;
import dev.muster.workflow.MissingInput;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageProperties;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stages that go on without some of what they gather. */
@Timeout(60)
class RunMissingTest {
  private static final ConcurrentLinkedQueue<String> RAN = new ConcurrentLinkedQueue<>();
  private static volatile Set<Integer> bad = Set.of();

  private final Events events = new Events();

  /** Gives the number of its partition, and fails on those that are bad. */
  private static final class Read implements Operation {
    @Override
    public Object run(OperationContext context) {
      int index = Objects.requireNonNull(context.partition()).index();
      RAN.add(context.stage().id() + index);
      if (bad.contains(index)) {
        throw new IllegalStateException("bad " + index);
      }
      return index;
    }
  }

  /** Tells what it gathers and what is missing. */
  private static final class Gather implements Operation {
    @Override
    public Object run(OperationContext context) {
      RAN.add(context.stage().id());
      return context.inputNames().stream()
          .map(name -> context.inputs(name) + " without "
              + context.missingInputs(name).stream().map(MissingInput::task).toList())
          .toList()
          .toString();
    }
  }

  private static Consumer<StageProperties<?>> global(String tolerance, String... needs) {
    return stage -> stage.needs(needs).scope(Scope.GLOBAL).tolerate(tolerance).run(new Gather());
  }

  private static Workflow.Builder reads(int partitions, Integer... failing) {
    RAN.clear();
    bad = Set.of(failing);
    return Workflow.builder()
        .dataset(data("d", partitions))
        .stage("Read", stage -> stage.run(new Read()));
  }

  private RunResult run(Workflow.Builder workflow, boolean keepGoing) {
    return RunFixture.run(
        workflow.build(),
        workers(2),
        RunOptions.builder().keepGoing(keepGoing).keepValues(true).listener(events::add));
  }

  private RunResult run(Workflow.Builder workflow) {
    return run(workflow, false);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGatherGoesOnWithoutWhatItTolerates(boolean keepGoing) {
    RunResult result = run(
        reads(5, 0, 3)
            .stage("Merge", stage -> global("2", "Read").accept(stage))
            .stage("Plot", stage -> stage.needs("Merge").scope(Scope.GLOBAL).run(new Gather())),
        keepGoing);
    assertThat(result.status()).isEqualTo(RunStatus.INCOMPLETE);
    assertThat(result.stage("Merge").value()).isEqualTo("[[1, 2, 4] without [Read/d.0, Read/d.3]]");
    assertThat(result.stage("Plot").succeeded()).isEqualTo(1);
    assertThat(result.failures()).hasSize(2);
    assertThat(RAN).contains("Read4");
    assertThat(events.of(InputsMissing.class)).singleElement().satisfies(each -> {
      assertThat(each.names()).containsExactly("Read/d.0", "Read/d.3");
      assertThat(each.missing()).isEqualTo(2);
      assertThat(each.gathered()).isEqualTo(5);
    });
    assertThatThrownBy(result::orThrow)
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("missing parts")
        .hasMessageContaining("IllegalStateException: bad ");
    assertThat(result.orThrowUnlessIncomplete()).isSameAs(result);
  }

  @Test
  void moreThanToleratedFailsTheRun() {
    RunResult result =
        run(reads(5, 0, 3).stage("Merge", stage -> global("39%", "Read").accept(stage)), true);
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(result.stage("Merge").skipped()).isEqualTo(1);
    assertThat(events.of(RunEvent.TaskSkipped.class))
        .singleElement()
        .satisfies(each ->
            assertThat(each.reason()).contains("of the 5 outputs", "than the 1 that it tolerates"));
    assertThat(result.stage("Read").succeeded()).isEqualTo(3);
  }

  @Test
  void moreThanToleratedEndsTheRunEarly() {
    RunResult result = run(reads(5, 0, 1)
        .stage(
            "Endless",
            stage -> stage
                .needs()
                .run(context -> {
                  new java.util.concurrent.CountDownLatch(1).await(); // until it is interrupted
                  return 1;
                })
                .scope(Scope.GLOBAL))
        .stage("Merge", stage -> global("1", "Read").accept(stage)));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(result.stage("Endless").succeeded()).isZero();
  }

  @Test
  void allMayBeMissing() {
    RunResult result =
        run(reads(2, 0, 1).stage("Merge", stage -> global("100%", "Read").accept(stage)));
    assertThat(result.status()).isEqualTo(RunStatus.INCOMPLETE);
    assertThat(result.stage("Merge").value()).isEqualTo("[[] without [Read/d.0, Read/d.1]]");
  }

  @Test
  void aReaderThatDoesNotTolerateItFailsTheRun() {
    RunResult result = run(
        reads(3, 1)
            .stage("Merge", stage -> global("1", "Read").accept(stage))
            .stage("Strict", stage -> stage.needs("Read").scope(Scope.GLOBAL).run(new Gather())),
        true);
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(result.stage("Merge").succeeded()).isEqualTo(1);
    assertThat(result.stage("Strict").skipped()).isEqualTo(1);
  }

  @Test
  void whatOnlyWaitsForATaskThatFailedDoesNotRun() {
    RunResult result = run(
        reads(3, 1)
            .stage("Merge", stage -> global("1", "Read").accept(stage))
            .stage(
                "After",
                stage -> stage
                    .needs("Read", "Merge")
                    .from("Merge")
                    .scope(Scope.GLOBAL)
                    .run(new Gather())),
        true);
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(result.stage("After").skipped()).isEqualTo(1);
  }

  @Test
  void aChainIsMissingAsAWholeAndGathersMayFollowGathers() {
    RunResult result = run(reads(6, 1, 4, 5)
        .stage("Copy", stage -> stage.needs("Read").run(new Gather()))
        .stage(
            "Block",
            stage ->
                stage.needs("Copy").scope(Scope.DATASET).block(2).tolerate("1").run(new Gather()))
        .stage("Total", stage -> global("1", "Block").accept(stage)));
    assertThat(result.status()).isEqualTo(RunStatus.INCOMPLETE);
    assertThat(result.stage("Copy").skipped()).isEqualTo(3);
    assertThat(result.stage("Block").succeeded()).isEqualTo(2);
    assertThat(result.stage("Total").value())
        .isEqualTo("[[[[[[0] without []]] without [Copy/d.1]], [[[[2] without []], [[3] without"
            + " []]] without []]] without [Block/d.2]]");
  }

  @Test
  void whatTwoInputsGatherIsCountedTogether() {
    Workflow.Builder workflow = reads(4, 2)
        .stage("Copy", stage -> stage.needs("Read").run(new Gather()))
        .stage("Merge", stage -> global("1", "Read", "Copy").accept(stage));
    assertThat(run(workflow).status()).isEqualTo(RunStatus.FAILED);
    Workflow.Builder more = reads(4, 2)
        .stage("Copy", stage -> stage.needs("Read").run(new Gather()))
        .stage("Merge", stage -> global("25%", "Read", "Copy").accept(stage));
    assertThat(run(more).status()).isEqualTo(RunStatus.INCOMPLETE);
  }

  @Test
  void manyFailAtOnce() {
    Integer[] failing = new Integer[500];
    for (int i = 0; i < failing.length; i++) {
      failing[i] = 2 * i;
    }
    RunResult result = RunFixture.run(
        reads(1000, failing)
            .stage("Copy", stage -> stage.needs("Read").run(new Gather()))
            .stage("Merge", stage -> global("50%", "Copy").accept(stage))
            .build(),
        workers(8));
    assertThat(result.status()).isEqualTo(RunStatus.INCOMPLETE);
    assertThat(result.stage("Merge").succeeded()).isEqualTo(1);
    assertThat(result.stage("Copy").skipped()).isEqualTo(500);
  }

  @Test
  void aBackendThatTakesTasksEarlyGetsSuchAGatherAtTheEnd() {
    PuppetBackend puppet = new PuppetBackend("puppet", true);
    Execution execution = workers(1).toBuilder().backend("puppet").build();
    Workflow workflow = Workflow.builder()
        .dataset(data("d", 2))
        .stage("Read")
        .stage("Merge", stage -> stage.needs("Read").scope(Scope.GLOBAL).tolerate("1"))
        .stage("Plot", stage -> stage.needs("Merge").scope(Scope.GLOBAL))
        .build();
    try (Run run = RunFixture.start(
        workflow, execution, RunOptions.builder().backend(puppet).build())) {
      assertThat(puppet.submitted).hasSize(2);
      puppet.sink().started(1, 1, "default", "w");
      puppet.sink().failed(1, 1, TaskFailure.of(FailureKind.OPERATION, "no"));
      assertThat(puppet.submitted).hasSize(2);
      puppet.succeed(0, 1, "a");
      org.awaitility.Awaitility.await().until(() -> puppet.submitted.size() == 4);
      assertThat(puppet.context().isMissing(1)).isTrue();
      assertThat(puppet.context().isMissing(0)).isFalse();
      puppet.succeed(2, 1, "m");
      puppet.succeed(3, 1, "p");
      assertThat(RunFixture.end(run).status()).isEqualTo(RunStatus.INCOMPLETE);
    }
  }

  @Test
  void aResumeRunsOnlyWhatIsMissingAndWhatReadsIt(@TempDir Path folder) {
    Path directory = folder.resolve("run");
    Workflow workflow = reads(4, 2)
        .stage("Copy", stage -> stage.needs("Read").run(new Gather()))
        .stage("Merge", stage -> global("1", "Copy").accept(stage))
        .stage("Plot", stage -> stage.needs("Merge").scope(Scope.GLOBAL).run(new Gather()))
        .build();
    RunOptions.Builder first = RunOptions.builder().directory(directory);
    assertThat(RunFixture.run(workflow, workers(2), first).status())
        .isEqualTo(RunStatus.INCOMPLETE);
    assertThat(Runs.of(directory).state()).isEqualTo(RunState.INCOMPLETE);
    assertThat(RunJournal.read(directory).stream().filter(InputsMissing.class::isInstance))
        .singleElement()
        .isInstanceOfSatisfying(
            InputsMissing.class, each -> assertThat(each.names()).containsExactly("Copy/d.2"));
    RAN.clear();
    RunOptions.Builder again = RunOptions.builder().resume(directory);
    RunResult same = RunFixture.run(workflow, workers(2), again);
    assertThat(same.status()).isEqualTo(RunStatus.INCOMPLETE);
    assertThat(RAN).containsExactly("Read2");
    assertThat(same.stage("Plot").value()).asString().contains("without [Copy/d.2]");
    bad = Set.of();
    RAN.clear();
    RunResult whole = RunFixture.run(workflow, workers(2), again);
    assertThat(whole.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(RAN).containsExactly("Read2", "Copy", "Merge", "Plot");
    assertThat(whole.stage("Plot").value()).asString().doesNotContain("without [Copy");
  }

  @Test
  void onlyAStageThatGathersCanTolerate() {
    Workflow workflow = reads(2)
        .stage("Copy", stage -> stage.needs("Read").tolerate("1").run(new Gather()))
        .build();
    assertThatThrownBy(() -> Muster.plan(workflow, workers(1), RunOptions.defaults()))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("stage Copy.tolerate")
        .hasMessageContaining("gathers nothing");
  }

  @Test
  void aPartitionOfWhatIsMissingIsTold() {
    RunResult result = run(reads(3, 1)
        .stage(
            "Merge",
            stage -> stage.needs("Read").scope(Scope.DATASET).tolerate("1").run(context -> {
              Partition there = context.inputPartitions("Read").get(1);
              MissingInput missing = context.missingInputs("Read").get(0);
              return Objects.requireNonNull(there).index() + " "
                  + Objects.requireNonNull(missing.partition()).index() + " "
                  + Objects.requireNonNull(missing.dataset()).name();
            })));
    assertThat(result.stage("Merge").value()).isEqualTo("2 1 d");
  }

  @Test
  void aStageIsAnotherWithAnotherTolerance() {
    Stage stage = Stage.builder("A").tolerate("2%").build();
    assertThat(stage.toBuilder().build()).isEqualTo(stage);
    assertThat(stage).isNotEqualTo(stage.toBuilder().tolerate("2").build());
    assertThat(List.of(stage)).hasSize(1);
  }
}
