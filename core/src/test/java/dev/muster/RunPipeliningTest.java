package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.PuppetBackend.Submitted;
import dev.muster.RunFixture.Events;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskFailure;
import dev.muster.run.TaskResult;
import dev.muster.spi.StoredOutput;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs on a backend that takes tasks before their inputs are there. */
@Timeout(60)
class RunPipeliningTest {
  private final PuppetBackend puppet = new PuppetBackend("puppet", true);
  private final Events events = new Events();
  private final Execution execution = workers(1).toBuilder().backend("puppet").build();

  private static Workflow.Builder chain(int length) {
    Workflow.Builder workflow = Workflow.builder();
    for (int i = 0; i < length; i++) {
      workflow.stage("S" + i);
    }
    return workflow;
  }

  private RunOptions.Builder options() {
    return RunOptions.builder().backend(puppet).listener(events::add);
  }

  private List<Integer> submitted() {
    return puppet.submitted.stream().map(Submitted::task).toList();
  }

  @Test
  void handsOverAWholeChainAtOnceInOrder() {
    int length = 50_000;
    try (Run run = RunFixture.start(chain(length).build(), execution, options().build())) {
      assertThat(submitted()).isEqualTo(IntStream.range(0, length).boxed().toList());
      for (int task = 0; task < length; task++) {
        puppet.succeed(task, 1, null);
      }
      assertThat(end(run).status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(puppet.submitted).hasSize(length);
    }
  }

  @Test
  void handsOverATaskOnceAllThatItReadsIsHandedOver() {
    Workflow workflow = Workflow.builder()
        .dataset(data("data", 10_000))
        .stage("a")
        .stage("b")
        .stage("c", stage -> stage.needs("a", "b").scope(Scope.GLOBAL))
        .build();
    try (Run run = RunFixture.start(workflow, execution, options().build())) {
      assertThat(submitted()).hasSize(20_001).doesNotHaveDuplicates().endsWith(20_000);
      List<Integer> order = submitted();
      assertThat(order.indexOf(10_000)).isGreaterThan(order.indexOf(0));
      assertThat(run.progress().stages()).allMatch(stage -> stage.succeeded() == 0);
    }
  }

  @Test
  void anOrderingAloneIsWaitedFor() {
    Workflow workflow = Workflow.builder()
        .stage("a")
        .stage("b", stage -> stage.needs("a").from(List.of()))
        .build();
    try (Run run = RunFixture.start(workflow, execution, options().build())) {
      assertThat(submitted()).containsExactly(0);
      puppet.succeed(0, 1, null);
      assertThat(submitted()).containsExactly(0, 1);
      assertThat(run.progress().stages().get(0).succeeded()).isEqualTo(1);
    }
  }

  @Test
  void aStageElsewhereWaitsForItsInputsAndReadsThem() {
    Stored stored = new Stored("kept there");
    Workflow workflow = Workflow.builder()
        .stage("a")
        .stage("b", stage -> stage.backend("local").run(context -> context.input("a") + "!"))
        .stage("c")
        .build();
    try (Run run = RunFixture.start(workflow, execution, options().build())) {
      assertThat(submitted()).containsExactly(0);
      puppet.succeed(0, 1, stored);
      Awaitility.await().atMost(PATIENCE).until(() -> submitted().contains(2));
      assertThat(puppet.context().output(1)).isEqualTo("kept there!");
      puppet.succeed(2, 1, new Stored(3));
      assertThat(end(run).stage("c").tasks().get(0).value()).isEqualTo(3);
      assertThat(stored.released).hasValue(1);
    }
  }

  @Test
  void whatReadsAFailedTaskIsTakenBackAndSkipped() {
    try (Run run =
        RunFixture.start(chain(3).build(), execution, options().keepGoing(true).build())) {
      puppet.sink().started(0, 1, "default", "w");
      puppet.sink().failed(0, 1, TaskFailure.of(FailureKind.OPERATION, "no"));
      RunResult result = end(run);
      assertThat(result.stage("S1").skipped() + result.stage("S2").skipped()).isEqualTo(2);
      assertThat(puppet.cancelled).containsExactly(new Submitted(1, 1), new Submitted(2, 1));
      assertThat(result.stage("S1").tasks().get(0).attempts()).isZero();
    }
  }

  @Test
  void whatReadsATaskThatIsTriedAgainIsNotHandedOverTwice() {
    Workflow workflow =
        Workflow.builder().stage("a", stage -> stage.retries(1)).stage("b").build();
    try (Run run = RunFixture.start(workflow, execution, options().build())) {
      puppet.sink().started(0, 1, "default", "w");
      puppet.sink().failed(0, 1, TaskFailure.of(FailureKind.OPERATION, "not yet"));
      Awaitility.await().atMost(PATIENCE).until(() -> puppet.submitted.size() == 3);
      assertThat(puppet.submitted)
          .containsExactly(new Submitted(0, 1), new Submitted(1, 1), new Submitted(0, 2));
      puppet.succeed(0, 2, null);
      puppet.succeed(1, 1, null);
      assertThat(end(run).status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void timesTakenElsewhereWin() {
    Instant began = Instant.now().minusSeconds(100);
    try (Run run = RunFixture.start(chain(1).build(), execution, options().build())) {
      puppet.sink().started(0, 1, "default", "w");
      puppet.sink().measured(0, 1, began, Duration.ofSeconds(7));
      puppet.sink().succeeded(0, 1, null);
      TaskResult task = end(run).stage("S0").tasks().get(0);
      assertThat(task.duration()).isEqualTo(Duration.ofSeconds(7));
      assertThat(task.started()).isBetween(began.minusMillis(1), began.plusMillis(1));
      assertThat(events.of(RunEvent.TaskSucceeded.class).get(0).duration())
          .isEqualTo(Duration.ofSeconds(7));
    }
  }

  @Test
  void readsWhatABackendKeepsBeforeItIsClosed() {
    AtomicBoolean there = new AtomicBoolean(true);
    Workflow workflow =
        Workflow.builder().stage("a").stage("b").stage("n", s -> s.needs()).build();
    try (Run run = RunFixture.start(workflow, execution, options().build())) {
      puppet.succeed(0, 1, new Stored("dropped"));
      puppet.succeed(1, 1, new Stored("large") {
        @Override
        public Object read() {
          return there.get() ? super.read() : "too late";
        }
      });
      puppet.succeed(2, 1, new Stored(null));
      RunResult result = end(run);
      there.set(false);
      assertThat(result.stage("b").value()).isEqualTo("large");
      assertThat(result.stage("n").value()).isNull();
      assertThatThrownBy(() -> result.stage("a").value()).hasMessageContaining("was not kept");
    }
  }

  /** An output that counts its releases. */
  private static class Stored implements StoredOutput {
    private final Object value;
    private final AtomicInteger released = new AtomicInteger();

    Stored(Object value) {
      this.value = value;
    }

    @Override
    public Object read() {
      return value;
    }

    @Override
    public boolean kept() {
      return true;
    }

    @Override
    public void release() {
      released.incrementAndGet();
    }
  }
}
