package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.run;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.RunFixture.Events;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunInterruptedException;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class RunListenersTest {
  private static Workflow empty(int partitions) {
    return Workflow.builder()
        .dataset(data("a", partitions))
        .stage("A")
        .run(context -> null)
        .build();
  }

  private static Workflow waiting(CountDownLatch started) {
    return Workflow.builder()
        .stage("Wait")
        .run(context -> {
          started.countDown();
          return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
        })
        .stage("After")
        .run(context -> null)
        .build();
  }

  @Test
  void tellsTheStoryInOrder() {
    Events events = new Events();
    run(
        Workflow.builder().stage("A").run(c -> 1).stage("B").run(c -> 2).build(),
        workers(1),
        RunOptions.builder().listener(events::add));
    assertThat(events.stream().map(event -> event.getClass().getSimpleName()))
        .containsExactly(
            "RunStarted",
            "StageStarted",
            "WorkerStarted",
            "TaskStarted",
            "TaskSucceeded",
            "StageFinished",
            "StageStarted",
            "TaskStarted",
            "TaskSucceeded",
            "StageFinished",
            "WorkerEnded",
            "RunFinished");
  }

  @Test
  void aListenerThatThrowsHarmsNobody() {
    Events events = new Events();
    RunResult result = run(
        empty(10),
        workers(1),
        RunOptions.builder()
            .listener(event -> sneakyThrow(new IOException("bad listener")))
            .listener(event -> {
              throw new AssertionError("worse listener");
            })
            .listener(event -> Thread.currentThread().interrupt())
            .listener(events::add));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(events.of(RunEvent.TaskSucceeded.class)).hasSize(10);
  }

  @SuppressWarnings("unchecked") // throws what is not declared
  private static <T extends Throwable> void sneakyThrow(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Test
  void aSlowListenerSlowsTheRunAndMissesNothing() {
    CountDownLatch full = new CountDownLatch(1);
    AtomicInteger received = new AtomicInteger();
    try (Run run = Muster.start(
        empty(50_000),
        workers(2),
        RunOptions.builder()
            .listener(event -> {
              await(full);
              received.incrementAndGet();
            })
            .build())) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> run.progress().stages().get(0).succeeded() > 5000 && allBlocked());
      assertThat(run.progress().stages().get(0).succeeded()).isLessThan(20_000);
      full.countDown();
      assertThat(end(run).status()).isEqualTo(RunStatus.SUCCEEDED);
    }
    assertThat(received.get()).isEqualTo(2 * 50_000 + 2 * 2 + 2 + 2);
  }

  private static boolean allBlocked() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("muster-default-"))
        .allMatch(thread ->
            thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.BLOCKED);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aListenerCanCancelAlsoWhenEventsPileUp() {
    AtomicReference<Run> started = new AtomicReference<>();
    CountDownLatch known = new CountDownLatch(1);
    try (Run run = Muster.start(
        empty(100_000),
        workers(2),
        RunOptions.builder()
            .listener(event -> {
              await(known);
              started.get().cancel();
            })
            .build())) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> run.progress().stages().get(0).succeeded() > 5000 && allBlocked());
      started.set(run);
      known.countDown();
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(result.stage("A").skipped()).isPositive();
    }
  }

  static Stream<Arguments> calls() {
    return Stream.of(
        Arguments.of("close its run", (Consumer<Run>) Run::close),
        Arguments.of("wait for its run", (Consumer<Run>) Run::await),
        Arguments.of("wait for its run", (Consumer<Run>) run -> run.await(Duration.ofDays(1))));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aListenerCannotWaitForItsOwnRun(String what, Consumer<Run> call) {
    CompletableFuture<Run> started = new CompletableFuture<>();
    AtomicReference<Throwable> refused = new AtomicReference<>();
    try (Run run = Muster.start(
        empty(1),
        workers(1),
        RunOptions.builder()
            .listener(event -> {
              if (event instanceof RunEvent.RunFinished) {
                try {
                  call.accept(started.join());
                } catch (IllegalStateException e) {
                  refused.set(e);
                }
              }
            })
            .build())) {
      started.complete(run);
      end(run);
    }
    assertThat(refused.get())
        .hasMessage(
            "a listener cannot " + what + ", which waits for the listener; it can cancel it");
  }

  @Test
  void anOperationCannotWaitForItsOwnRun() {
    CompletableFuture<Run> started = new CompletableFuture<>();
    Workflow workflow = Workflow.builder()
        .stage("Wait")
        .run(context -> started.join().await())
        .stage("Close")
        .needs()
        .run(context -> {
          started.join().close();
          return null;
        })
        .build();
    try (Run run =
        Muster.start(workflow, workers(2), RunOptions.builder().keepGoing(true).build())) {
      started.complete(run);
      RunResult result = end(run);
      assertThat(result.failures())
          .hasSize(2)
          .allSatisfy(task -> assertThat(task.failure().message())
              .contains("which waits for the operation; it can cancel it"));
    }
  }

  @Test
  void drainLetsWhatRunsEndAndStartsNothing() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Workflow workflow = Workflow.builder()
        .stage("Wait")
        .run(context -> {
          started.countDown();
          go.await();
          return "done";
        })
        .stage("After")
        .run(context -> "not")
        .build();
    RunOptions options = RunOptions.builder().shutdownHook(false).build();
    try (Run run = Muster.start(workflow, workers(1), options)) {
      started.await();
      run.drain(Duration.ofDays(1));
      Awaitility.await().until(() -> run.progress().stages().get(1).skipped() == 1);
      go.countDown();
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(result.stage("Wait").succeeded()).isEqualTo(1);
    }
    try (Run run = Muster.start(waiting(new CountDownLatch(1)), workers(1), options)) {
      run.drain(Duration.ZERO);
      assertThat(end(run).status()).isEqualTo(RunStatus.CANCELLED);
    }
  }

  @Test
  void aRunAndItsResultHaveShortTexts() {
    Events events = new Events();
    RunOptions options = RunOptions.builder().listener(events::add).build();
    try (Run run = Muster.start(empty(20_000), workers(2), options)) {
      RunResult result = end(run);
      assertThat(result.toString()).startsWith("RunResult[SUCCEEDED after ").hasSizeLessThan(300);
      assertThat(result.stage("A").toString()).hasSizeLessThan(300);
      assertThat(result.stage("A").tasks().get(0).toString()).hasSizeLessThan(300);
      assertThat(run.toString()).startsWith("Run[" + run.id()).hasSizeLessThan(300);
      assertThat(events).isNotEmpty().allMatch(event -> event.run().equals(run.id()));
    }
  }

  @Test
  void aListenerThatComesLaterHearsTheRest() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Events events = new Events();
    try (Run run = Muster.start(waiting(started), workers(1))) {
      started.await();
      run.onEvent(events::add);
      run.cancel();
      end(run);
      run.onEvent(event -> {
        throw new IllegalStateException("nothing happens after the end");
      });
    }
    assertThat(events.stream().map(event -> event.getClass().getSimpleName()))
        .containsExactly(
            "TaskSkipped",
            "StageFinished",
            "TaskFailed",
            "StageFinished",
            "WorkerEnded",
            "RunFinished");
  }

  @Test
  void cancelEndsWhatRunsAndSkipsTheRest() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    try (Run run = Muster.start(waiting(started), workers(1))) {
      started.await();
      run.cancel();
      run.cancel();
      RunResult result = end(run);
      run.cancel();
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(result.failures()).isEmpty();
      assertThat(result.stage("Wait").failed()).isEqualTo(1);
      assertThat(result.stage("After").skipped()).isEqualTo(1);
      assertThatThrownBy(result::orThrow).hasMessage("the run was cancelled");
    }
  }

  @Test
  void cancelStartsNothingNew() throws Exception {
    for (int i = 0; i < 50; i++) {
      CountDownLatch started = new CountDownLatch(1);
      AtomicInteger begun = new AtomicInteger();
      Workflow workflow = Workflow.builder()
          .dataset(data("a", 2000))
          .stage("Wait")
          .run(context -> {
            begun.incrementAndGet();
            started.countDown();
            return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
          })
          .build();
      try (Run run = Muster.start(workflow, workers(1))) {
        started.await();
        run.cancel();
        assertThat(end(run).stage("Wait").skipped()).isEqualTo(1999);
      }
      assertThat(begun).hasValue(1);
    }
  }

  @Test
  void aRunCanBeCancelledBeforeItsFirstTask() {
    PuppetBackend puppet = new PuppetBackend("puppet");
    try (Run run = Muster.start(
        empty(3),
        workers(1).toBuilder().backend("puppet").build(),
        RunOptions.builder().backend(puppet).build())) {
      run.cancel();
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(result.stage("A").skipped()).isEqualTo(3);
      assertThat(result.stage("A").tasks().get(0).attempts()).isZero();
    }
  }

  @Test
  void cancellingARunThatIsDoneChangesNothing() {
    try (Run run = Muster.start(empty(1), workers(1))) {
      RunResult result = end(run);
      run.cancel();
      assertThat(run.await()).isSameAs(result);
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void closeLeavesNoThreadAndCanBeCalledTwice() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Run run = Muster.start(
        waiting(started), workers(1), RunOptions.builder().listener(e -> {}).build());
    started.await();
    assertThat(RunFixture.threads())
        .containsExactly(
            "muster-control@" + run.id(),
            "muster-default-0@" + run.id(),
            "muster-events@" + run.id());
    run.close();
    assertThat(RunFixture.threads()).isEmpty();
    run.close();
    assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
  }

  @Test
  void anInterruptedThreadWaitsNoLongerAndTheRunGoesOn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Run run = Muster.start(
        Workflow.builder()
            .stage("Wait")
            .run(context -> {
              release.await();
              return "done";
            })
            .build(),
        workers(1))) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(run::await).isInstanceOf(RunInterruptedException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(run.await(Duration.ofMillis(1))).isNull();
      release.countDown();
      assertThat(run.await(ChronoUnit.FOREVER.getDuration()).stage("Wait").value())
          .isEqualTo("done");
    }
  }

  @Test
  void closeFinishesItsWorkAlsoWhenInterrupted() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Run run = Muster.start(waiting(started), workers(1));
    started.await();
    Thread.currentThread().interrupt();
    run.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void theResultIsThereForThoseWhoDoNotWait() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    AtomicReference<RunStatus> status = new AtomicReference<>();
    Run run = Muster.start(empty(5), workers(1));
    run.result().thenAccept(result -> {
      status.set(result.status());
      run.close(); // by the run's own thread
      told.countDown();
    });
    assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(status.get()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aRunInsideAnOperationIsItsOwn() {
    RunResult result = run(
        Workflow.builder()
            .stage("Outer")
            .run(context -> {
              RunResult inner = Muster.run(empty(100), workers(2));
              return List.of(inner.status(), inner.stage("A").succeeded());
            })
            .build(),
        workers(1));
    assertThat(result.stage("Outer").value()).isEqualTo(List.of(RunStatus.SUCCEEDED, 100));
  }
}
