package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.testkit.FakeAttempt.State;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FakeBackendTest {
  private static final Execution SITE = Execution.builder()
      .pool("default", pool -> pool.workers(2))
      .pool("gpu", pool -> pool.workers(1).gpus(1))
      .build();

  private final FakeBackend backend = FakeBackend.stepwise("local");
  private final EventLog events = new EventLog();

  private Run start(Workflow workflow) {
    return Muster.start(
        workflow, SITE, RunOptions.builder().backend(backend).listener(events).build());
  }

  private static Workflow.Builder three() {
    return Workflow.builder().dataset(Dataset.of("a", "1", "2", "3"));
  }

  @Test
  void nothingRunsByItself() {
    try (Run run = start(three().stage("A").run(c -> c.partition().index()).build())) {
      assertThat(run.progress().stages().get(0).waiting()).isEqualTo(3);
      assertThat(backend.queued()).containsExactly("A/a.0", "A/a.1", "A/a.2");
      assertThat(backend.running()).isEmpty();
      assertThat(backend.workers()).containsExactly("default-0", "default-1");
    }
    assertThat(backend.isClosed()).isTrue();
    assertThat(backend.attempts()).extracting(FakeAttempt::state).containsOnly(State.CANCELLED);
  }

  @Test
  void theTestDecidesTheOrder() {
    try (Run run = start(three().stage("A").run(c -> c.partition().index()).build())) {
      assertThat(backend.start("A/a.2")).isEqualTo("default-0");
      backend.start("A/a.0", "default-1");
      assertThat(backend.running()).containsExactly("A/a.0", "A/a.2");
      assertThatThrownBy(() -> backend.start("A/a.1"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no worker is free for A/a.1");
      backend.run("A/a.2");
      backend.succeed("A/a.1", "made up");
      backend.run("A/a.0");
      RunResult result = run.await();
      assertThat(result.stage("A").values()).containsExactly(0, "made up", 2);
    }
    assertThat(events.of(RunEvent.TaskSucceeded.class))
        .extracting(RunEvent.TaskSucceeded::name)
        .containsExactly("A/a.2", "A/a.1", "A/a.0");
    assertThat(backend.attempts())
        .extracting(FakeAttempt::toString)
        .containsExactly(
            "A/a.0#1 on default-1: SUCCEEDED",
            "A/a.1#1 on default-0: SUCCEEDED",
            "A/a.2#1 on default-0: SUCCEEDED");
  }

  @Test
  void failsATaskAndWaitsForItsNextAttempt() {
    try (Run run =
        start(Workflow.builder().stage("Train").retries(1).run(c -> c.attempt()).build())) {
      backend.fail("Train", FailureKind.OUT_OF_MEMORY, "too large");
      backend.run("Train");
      assertThat(run.await().stage("Train").value()).isEqualTo(2);
    }
    assertThat(backend.attempts())
        .extracting(FakeAttempt::toString)
        .containsExactly("Train#1 on default-0: FAILED", "Train#2 on default-0: SUCCEEDED");
  }

  @Test
  void losesAWorkerAndAllThatItRan() {
    try (Run run = start(three().stage("A").run(c -> c.worker()).build())) {
      backend.start("A/a.0", "default-0");
      backend.start("A/a.1", "default-1");
      backend.loseWorker("default-0");
      assertThat(backend.workers()).containsExactly("default-1");
      backend.run("A/a.1");
      backend.run("A/a.2");
      backend.run("A/a.0");
      assertThat(run.await().stage("A").values()).containsOnly("default-1");
      assertThatThrownBy(() -> backend.loseWorker("default-0"))
          .hasMessage("there is no worker default-0; there are [default-1]");
    }
    assertThat(events.of(RunEvent.WorkerEnded.class).get(0).reason()).isEqualTo("lost by the test");
  }

  @Test
  void answersTwice() {
    try (Run run = start(Workflow.builder().stage("A").run(c -> 1).build())) {
      backend.succeed("A", "first");
      backend.reportAgain("A", "second");
      assertThat(run.await().stage("A").value()).isEqualTo("first");
    }
    assertThat(events.of(RunEvent.TaskSucceeded.class)).hasSize(1);
  }

  @Test
  void keepsToThePoolsOfTheRoute() {
    Workflow workflow = Workflow.builder()
        .stage("Prepare")
        .op("not.known.here")
        .stage("Train")
        .op("nor.this")
        .require("gpu")
        .build();
    try (Run run = start(workflow)) {
      backend.succeed("Prepare", 1);
      assertThatThrownBy(() -> backend.start("Train", "default-0"))
          .hasMessage("worker default-0 is of no pool of Train, which goes to [gpu]");
      assertThat(backend.start("Train")).isEqualTo("gpu-0");
      backend.succeed("Train", 2);
      assertThat(run.await().succeeded()).isTrue();
    }
  }

  @Test
  void breaksDown() {
    try (Run run = start(Workflow.builder().stage("A").run(c -> 1).build())) {
      backend.breakDown(new IllegalStateException("on purpose"));
      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.error()).hasMessage("on purpose");
    }
  }

  @Test
  void saysThatATaskDoesNotCome() {
    backend.patience(Duration.ofMillis(10));
    Workflow workflow = Workflow.builder()
        .stage("A")
        .run(c -> 1)
        .stage("B")
        .needs("A")
        .run(c -> 1)
        .build();
    try (Run run = start(workflow)) {
      assertThat(run.await(Duration.ZERO)).isNull();
      assertThatThrownBy(() -> backend.run("B"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "task B is not queued or running after 10 ms; attempts so far: [A#1: QUEUED]");
    }
  }

  @Test
  void saysAtOnceThatThereIsNoSuchTask() {
    backend.patience(Duration.ofHours(1));
    try (Run run = start(three().stage("Train").run(c -> 1).build())) {
      assertThat(run.await(Duration.ZERO)).isNull();
      for (String typo : List.of("Tarin/a.1", "Train/a.3", "Train")) {
        assertThatThrownBy(() -> backend.succeed(typo, 1))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith("the plan has no task '" + typo + "'")
            .hasMessageEndingWith("; it has Train/a.0, Train/a.1, Train/a.2");
      }
    }
  }

  @Test
  void runsAllThatIsLeft() {
    Workflow workflow = three().stage("A").run(c -> 1).stage("B").run(c -> 2).build();
    try (Run run = start(workflow)) {
      assertThat(backend.runAll()).isEqualTo(6);
      assertThat(run.await().succeeded()).isTrue();
    }
    assertThat(backend.timesOpened()).isEqualTo(1);
  }

  @Test
  void automaticallyRunsInTheOrderOfHandOver() {
    FakeBackend automatic = FakeBackend.automatic("local");
    Workflow workflow = three().stage("A").run(c -> 1).stage("B").run(c -> 2).build();
    RunOptions options = RunOptions.builder().backend(automatic).build();
    List<List<FakeAttempt>> runs = new java.util.ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (Run run = Muster.start(workflow, SITE, options)) {
        assertThat(run.await(Duration.ZERO.plusSeconds(10)).succeeded()).isTrue();
        runs.add(automatic.attempts());
      }
    }
    assertThat(runs.get(0)).hasSize(6).isEqualTo(runs.get(1));
  }
}
