package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.run;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.PuppetBackend.Submitted;
import dev.muster.RunFixture.Events;
import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStartException;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskFailure;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunBackendsTest {
  private final PuppetBackend puppet = new PuppetBackend("puppet");
  private final Events events = new Events();

  private static Execution on(String backend) {
    return workers(1).toBuilder().backend(backend).build();
  }

  private RunOptions.Builder options() {
    return RunOptions.builder().backend(puppet).listener(events::add);
  }

  private static Workflow chain(int length) {
    Workflow.Builder workflow = Workflow.builder();
    for (int i = 0; i < length; i++) {
      workflow.stage("S" + i, stage -> stage.run(context -> null));
    }
    return workflow.build();
  }

  private static Backend failing(String name, Function<BackendContext, BackendSession> open) {
    return new Backend() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public BackendSession open(BackendContext context) {
        return open.apply(context);
      }
    };
  }

  @Test
  void aLongChainThatReportsFromInsideSubmitDoesNotFillTheStack() {
    RunResult result = run(
        chain(100_000), on("synchronous"), RunOptions.builder().backend(new SynchronousBackend()));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void reportsFromInsideSubmitKeepTheHandOverAsItIs() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 10_000))
            .stage("Index")
            .run(context -> context.partition().index())
            .stage("Next")
            .run(context -> context.input("Index", Integer.class) + 1)
            .stage("Sum")
            .scope(Scope.GLOBAL)
            .run(context ->
                context.inputs("Next").stream().mapToLong(n -> (Integer) n).sum())
            .stage("Spread")
            .scope(Scope.PARTITION)
            .run(context -> context.input("Sum"))
            .build(),
        on("synchronous"),
        RunOptions.builder().backend(new SynchronousBackend()));
    assertThat(result.stage("Sum").tasks().get(0).hasValue()).isFalse(); // dropped
    assertThat(result.stage("Spread").values()).hasSize(10_000).containsOnly(50_005_000L);
  }

  @Test
  void aThreadThatReportsDoesNotKeepTheRun() {
    WeakReference<Run> over = closedRun();
    Awaitility.await().atMost(PATIENCE).until(() -> {
      System.gc();
      return over.get() == null;
    });
  }

  private static WeakReference<Run> closedRun() {
    try (Run run = RunFixture.start(
        chain(10),
        on("synchronous"),
        RunOptions.builder().backend(new SynchronousBackend()).build())) {
      end(run);
      return new WeakReference<>(run);
    }
  }

  @Test
  void aReportFromInsideSubmitThatFailsIsTriedAgain() {
    RunResult result = run(
        Workflow.builder()
            .stage("Only")
            .retries(3)
            .run(context -> {
              if (context.attempt() < 4) {
                throw new IllegalStateException("again");
              }
              return context.attempt();
            })
            .build(),
        on("synchronous"),
        RunOptions.builder().backend(new SynchronousBackend()));
    assertThat(result.stage("Only").value()).isEqualTo(4);
  }

  @Test
  void ignoresReportsThatComeTwiceOrTooLate() {
    try (Run run = RunFixture.start(chain(2), on("puppet"), options().build())) {
      assertThat(puppet.submitted).containsExactly(new Submitted(0, 1));
      assertThat(puppet.sink().started(0, 1, "default", "w")).isTrue();
      assertThat(puppet.sink().started(0, 1, "default", "w")).isFalse();
      assertThat(puppet.sink().started(0, 2, "default", "w")).isFalse();
      assertThat(puppet.sink().started(1, 1, "default", "w")).isFalse();
      puppet.sink().succeeded(0, 2, "an attempt that was never asked for");
      puppet.sink().succeeded(1, 1, "a task that is not ready");
      puppet.sink().succeeded(0, 1, "first");
      puppet.sink().succeeded(0, 1, "second");
      puppet.sink().failed(0, 1, TaskFailure.of(FailureKind.BACKEND, "after all"));
      assertThat(puppet.submitted).containsExactly(new Submitted(0, 1), new Submitted(1, 1));
      puppet.succeed(1, 1, "last");
      puppet.sink().failed(1, 1, new IllegalStateException("late"));
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(events.of(RunEvent.TaskSucceeded.class)).hasSize(2);
      assertThat(events.of(RunEvent.TaskFailed.class)).isEmpty();
      puppet.sink().workerEnded("default", "w", "after the end");
      puppet.sink().broken(new IllegalStateException("after the end"));
      assertThat(events.get(events.size() - 1)).isInstanceOf(RunEvent.RunFinished.class);
    }
    assertThat(puppet.closed).hasValue(1);
  }

  @Test
  void triesAgainWhatALostWorkerHad() {
    try (Run run = RunFixture.start(chain(1), on("puppet"), options().build())) {
      for (int attempt = 1; attempt <= 3; attempt++) {
        Submitted expected = new Submitted(0, attempt);
        Awaitility.await().atMost(PATIENCE).until(() -> puppet.submitted.contains(expected));
        puppet.sink().started(0, attempt, "default", "w" + attempt);
        puppet.sink().failed(0, attempt, TaskFailure.of(FailureKind.WORKER_LOST, "gone"));
      }
      RunResult result = end(run);
      assertThat(result.failures()).singleElement().satisfies(task -> {
        assertThat(task.failure().kind()).isEqualTo(FailureKind.WORKER_LOST);
        assertThat(task.attempts()).isEqualTo(3);
        assertThat(task.worker()).isEqualTo("w3");
      });
    }
  }

  @Test
  void cancelsWhatABackendHas() {
    Workflow two =
        Workflow.builder().dataset(data("a", 2)).stage("A").run(c -> null).build();
    try (Run run = RunFixture.start(two, on("puppet"), options().build())) {
      puppet.sink().started(1, 1, "default", "w");
      run.cancel();
      RunResult result = end(run);
      assertThat(puppet.cancelled)
          .containsExactlyInAnyOrder(new Submitted(0, 1), new Submitted(1, 1));
      assertThat(result.stage("A").skipped()).isEqualTo(1);
      assertThat(result.stage("A").failed()).isEqualTo(1);
      assertThat(puppet.sink().started(0, 1, "default", "w")).isFalse();
    }
  }

  @Test
  void aBackendThatBreaksEndsTheRunWithItsReason() {
    IllegalStateException reason = new IllegalStateException("the scheduler is gone");
    try (Run run = RunFixture.start(chain(2), on("puppet"), options().build())) {
      puppet.sink().broken(reason);
      puppet.sink().broken(new IllegalStateException("a consequence"));
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.error()).isSameAs(reason);
      assertThat(events.of(RunEvent.RunFinished.class).get(0).message())
          .isEqualTo("IllegalStateException: the scheduler is gone");
      assertThatThrownBy(result::orThrow).hasRootCause(reason);
    }
  }

  @Test
  void aBackendThatBreaksWhileItOpensIsClosed() {
    PuppetBackend broken = new PuppetBackend("breaking");
    Backend breaking = failing("breaking", context -> {
      BackendSession session = broken.open(context);
      context.sink().broken(new IllegalStateException("at once"));
      return session;
    });
    try (Run run = RunFixture.start(
        chain(1), on("breaking"), RunOptions.builder().backend(breaking).build())) {
      assertThat(end(run).error()).hasMessage("at once");
    }
    assertThat(broken.closed).hasValue(1);
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void aBackendThatCannotBeOpenedLeavesNothingBehind() {
    PuppetBackend third = new PuppetBackend("third");
    AtomicReference<Path> temporary = new AtomicReference<>();
    Backend second = failing("second", context -> {
      temporary.set(context.directory());
      throw new MusterException("no licence");
    });
    Workflow workflow = Workflow.builder()
        .stage("A")
        .backend("puppet")
        .run(c -> null)
        .stage("B")
        .backend("second")
        .run(c -> null)
        .stage("C")
        .backend("third")
        .run(c -> null)
        .build();
    RunOptions options = options().backend(second).backend(third).build();
    try (Run run = Muster.start(workflow, workers(1), options)) {
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.error()).isInstanceOf(RunStartException.class).hasMessage("no licence");
      assertThatThrownBy(result::orThrow).hasMessage("the run failed: no licence");
      assertThat(result.stage("A").skipped()).isEqualTo(1);
    }
    assertThat(puppet.opened).hasValue(1);
    assertThat(puppet.closed).hasValue(1);
    assertThat(third.opened).hasValue(0);
    assertThat(Files.exists(temporary.get())).isFalse();
    assertThat(events.of(RunEvent.RunFinished.class))
        .extracting(RunEvent.RunFinished::message)
        .containsExactly("no licence");
    Awaitility.await().atMost(PATIENCE).until(() -> RunFixture.threads().isEmpty());
  }

  @Test
  void startsAtOnceAndGivesUpABackendThatOpens() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    Backend slow = failing("slow", context -> {
      opening.countDown();
      try {
        new CountDownLatch(1).await();
        throw new IllegalStateException("nobody opens it");
      } catch (InterruptedException e) {
        throw new MusterException("interrupted", e);
      }
    });
    Thread.currentThread().interrupt(); // starting does not wait
    try (Run run = Muster.start(chain(1), on("slow"), options().backend(slow).build())) {
      assertThat(Thread.interrupted()).isTrue();
      opening.await();
      assertThat(run.await(Duration.ZERO)).isNull();
      run.cancel();
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(result.error()).isNull();
    }
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void refusesABackendThatOpensNothing() {
    RunOptions options = options().backend(failing("none", context -> null)).build();
    assertThat(run(chain(1), on("none"), options.toBuilder()).error())
        .hasMessage("backend none opened no session");
  }

  @Test
  void namesTheBackendsThatThereAre() {
    assertThatThrownBy(() -> RunFixture.start(chain(1), on("pupet"), options().build()))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("there is no backend named 'pupet'")
        .hasMessageContaining("did you mean 'puppet'");
  }

  @Test
  void aBackendThatCannotQueueEndsTheRun() {
    Backend full = failing("full", context -> new BackendSession() {
      @Override
      public void submit(dev.muster.plan.Route route, int attempt, int[] tasks, int count) {
        throw new IllegalStateException("the queue is full");
      }

      @Override
      public void cancel(int task, int attempt) {
        throw new IllegalStateException("cannot cancel either");
      }

      @Override
      public void close() {
        throw new IllegalStateException("nor close");
      }
    });
    RunResult result = run(
        Workflow.builder().dataset(data("a", 10)).stage("A").run(c -> null).build(),
        on("full"),
        options().backend(full));
    assertThat(result.error()).hasMessage("the queue is full");
    assertThat(result.stage("A").skipped()).isEqualTo(10);
    assertThat(events.of(RunEvent.Notice.class))
        .extracting(RunEvent.Notice::message)
        .containsExactly("something could not be released: IllegalStateException: nor close");
  }

  @Test
  void dataCrossesBetweenBackends() {
    Workflow workflow = Workflow.builder()
        .stage("Here")
        .run(context -> 20)
        .stage("There")
        .backend("puppet")
        .run(context -> null)
        .stage("Back")
        .run(context -> context.input("There", Integer.class) + 1)
        .build();
    try (Run run = RunFixture.start(workflow, workers(1), options().build())) {
      Awaitility.await().atMost(PATIENCE).until(() -> !puppet.submitted.isEmpty());
      Object crossed = puppet.context().output(0);
      assertThat(crossed).isEqualTo(20);
      puppet.succeed(1, 1, (Integer) crossed * 2);
      assertThat(end(run).stage("Back").value()).isEqualTo(41);
      assertThatThrownBy(() -> puppet.context().output(0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the output of Here is no longer available");
    }
  }

  @Test
  void refusesTheOutputOfATaskThatIsNotDone() {
    try (Run run = RunFixture.start(chain(1), on("puppet"), options().build())) {
      assertThat(run.progress().stages().get(0).waiting()).isEqualTo(1);
      assertThatThrownBy(() -> puppet.context().output(0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("S0 has not succeeded");
    }
  }

  @Test
  void knowsThePoolOfEachWorker() {
    Execution execution = Execution.builder()
        .backend("puppet")
        .resource("gpu", dev.muster.resource.Quantities.builder().gpus(1).build())
        .pool("old", pool -> pool.workers(1).resource("gpu"))
        .pool("new", pool -> pool.workers(1).resource("gpu"))
        .build();
    Workflow workflow =
        Workflow.builder().stage("A").require("gpu").run(c -> null).build();
    try (Run run = RunFixture.start(workflow, execution, options().build())) {
      puppet.sink().started(0, 1, "new", "w7");
      puppet.sink().succeeded(0, 1, List.of());
      assertThat(end(run).stage("A").tasks().get(0).pool()).isEqualTo("new");
    }
  }
}
