package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskResult;
import dev.muster.run.TaskStatus;
import dev.muster.spi.Backend;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every backend must do, as tests: extend it and say which backend.
 *
 * <pre>{@code
 * class MyBackendTest extends BackendContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>A backend whose workers do not run Java code of this JVM also overrides {@link #code}, and {@link #workflow} if
 * that code has to be found. Each test makes its own backend and runs a small workflow on it through the engine. Not
 * thread-safe.
 *
 * @since 0.1
 */
public abstract class BackendContract {
  private static final Duration LAST_STEPS = Duration.ofSeconds(2);

  /** Creates the tests. */
  protected BackendContract() {}

  /** Returns a new backend to test. */
  protected abstract Backend backend();

  /** Returns how long a run of a few small tasks may take, starting the workers included. Default: 30 seconds. */
  protected Duration patience() {
    return Duration.ofSeconds(30);
  }

  /** Adds what executions of this backend need: a strategy, options, an environment. Default: nothing. */
  protected void configure(Execution.Builder execution) {}

  /**
   * Returns a workflow without stages, to which the tests add theirs: where {@link #code} is found. Default: an empty
   * one.
   */
  protected Workflow.Builder workflow() {
    return Workflow.builder();
  }

  /** Gives a stage the code that does {@code behaviour}. Default: Java code. Files lie in JUnit's temporary folders. */
  protected void code(Behaviour behaviour, Stage.Builder stage) {
    stage.run(inThisJvm(behaviour));
  }

  /**
   * Tells whether several tasks can run at the same time. Default: true; false leaves out the tests that need it, also
   * those in which a task runs until it is cancelled.
   */
  protected boolean concurrent() {
    return true;
  }

  private static Operation inThisJvm(Behaviour behaviour) {
    return switch (behaviour) {
      case SUM ->
        context -> {
          long sum = 1;
          for (String name : context.inputNames()) {
            for (Object value : context.inputs(name)) {
              sum += value == null ? 0 : ((Number) value).longValue();
            }
          }
          return sum;
        };
      case FAIL ->
        context -> {
          throw new IllegalStateException("on purpose");
        };
      case FAIL_ONCE ->
        context -> {
          if (context.attempt() == 1) {
            throw new IllegalStateException("on purpose, once");
          }
          return context.attempt();
        };
      case BLOCK -> context -> new CountDownLatch(1).await(60, TimeUnit.SECONDS);
      case LINGER -> Lingering::run;
    };
  }

  // What the tests are made of

  private Stage stage(String id, Behaviour behaviour, String... needs) {
    Stage.Builder stage = Stage.builder(id).needs(needs);
    code(behaviour, stage);
    return stage.build();
  }

  private static Dataset data(String name, int partitions) {
    return new Dataset(name, Collections.nCopies(partitions, "file"), List.of(), Map.of());
  }

  private Execution execution(Backend backend, int workers, int slots) {
    Execution.Builder execution = Execution.builder()
        .backend(backend.name())
        .pool("default", pool -> pool.workers(workers).slots(slots))
        .pool("second", pool -> pool.workers(1));
    configure(execution);
    return execution.build();
  }

  private Run start(Backend backend, Workflow workflow, int workers, EventLog events) {
    return Muster.start(
        workflow,
        execution(backend, workers, 1),
        RunOptions.builder().backend(backend).keepGoing(true).listener(events).build());
  }

  private RunResult run(Workflow.Builder workflow, int workers, EventLog events) {
    try (Run run = start(backend(), workflow.build(), workers, events)) {
      return end(run);
    }
  }

  private RunResult run(Workflow.Builder workflow) {
    return run(workflow, 2, new EventLog());
  }

  private RunResult end(Run run) {
    RunResult result = run.await(patience());
    if (result == null) {
      throw new AssertionError("the run does not end within " + patience());
    }
    return result;
  }

  private static long number(@Nullable Object value) {
    if (!(value instanceof Number number)) {
      throw new AssertionError("not a number: " + value);
    }
    return number.longValue();
  }

  // The tests

  @Test
  void hasAName() {
    assertThat(backend().name())
        .matches("[a-z0-9][a-z0-9.-]*")
        .isEqualTo(backend().name());
  }

  @Test
  void runsEveryTaskOnce() {
    EventLog events = new EventLog();
    RunResult result =
        run(workflow().dataset(data("a", 20)).stage(stage("Each", Behaviour.SUM)), 3, events);
    assertThat(result.orThrow().stage("Each").succeeded()).isEqualTo(20);
    List<Integer> started = events.of(RunEvent.TaskStarted.class).stream()
        .map(RunEvent.TaskStarted::task)
        .toList();
    assertThat(started).hasSize(20).doesNotHaveDuplicates();
    assertThat(result.stage("Each").values())
        .allSatisfy(value -> assertThat(number(value)).isEqualTo(1L));
  }

  @Test
  void passesValuesBetweenTasks() {
    RunResult result = run(workflow()
        .stage(stage("A", Behaviour.SUM))
        .stage(stage("B", Behaviour.SUM, "A"))
        .stage(stage("C", Behaviour.SUM, "A", "B")));
    assertThat(number(result.orThrow().stage("C").value())).isEqualTo(4L);
  }

  @Test
  void gathersAndScatters() {
    RunResult result = run(workflow()
        .dataset(data("a", 3))
        .dataset(data("b", 2))
        .stage(stage("Each", Behaviour.SUM))
        .stage(stage("PerDataset", Behaviour.SUM, "Each").toBuilder()
            .scope(Scope.DATASET)
            .build())
        .stage(stage("All", Behaviour.SUM, "PerDataset").toBuilder()
            .scope(Scope.GLOBAL)
            .build())
        .stage(stage("Again", Behaviour.SUM, "All")));
    assertThat(result.orThrow().stage("Again").values())
        .hasSize(5)
        .allSatisfy(value -> assertThat(number(value)).isEqualTo(9L)); // 1 + (1 + (4 + 3))
  }

  @Test
  void runsTasksInTheirPools() {
    EventLog events = new EventLog();
    RunResult result = run(
        workflow()
            .dataset(data("a", 4))
            .stage(stage("Here", Behaviour.SUM))
            .stage(stage("There", Behaviour.SUM, "Here").toBuilder()
                .require("second")
                .build()),
        2,
        events);
    assertThat(result.orThrow().stage("Here").tasks())
        .allSatisfy(task -> assertThat(task.pool()).isEqualTo("default"));
    assertThat(result.stage("There").tasks())
        .allSatisfy(task -> assertThat(task.pool()).isEqualTo("second"));
    Set<String> here = workers(result, "Here");
    Set<String> there = workers(result, "There");
    assertThat(here).hasSizeBetween(1, 2).doesNotContainAnyElementsOf(there);
    assertThat(there).hasSize(1);
  }

  private static Set<String> workers(RunResult result, String stage) {
    return result.stage(stage).tasks().stream()
        .map(task -> String.valueOf(task.worker()))
        .collect(Collectors.toSet());
  }

  @Test
  void aPoolNeverRunsMoreThanItHolds() {
    EventLog events = new EventLog();
    run(workflow().dataset(data("a", 30)).stage(stage("Each", Behaviour.SUM)), 2, events)
        .orThrow();
    assertThat(events.mostAtOnce()).isBetween(1, 2);
  }

  @Test
  void tellsWhyATaskFailed() {
    RunResult result = run(workflow()
        .stage(stage("Bad", Behaviour.FAIL))
        .stage(stage("After", Behaviour.SUM, "Bad"))
        .stage(stage("Other", Behaviour.SUM)));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    TaskResult bad = result.stage("Bad").tasks().get(0);
    assertThat(bad.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(bad.failure()).isNotNull().satisfies(failure -> {
      assertThat(failure.kind()).isEqualTo(FailureKind.OPERATION);
      assertThat(failure.message()).contains("on purpose");
    });
    assertThat(result.stage("After").skipped()).isEqualTo(1);
    assertThat(result.stage("Other").succeeded()).isEqualTo(1);
  }

  @Test
  void triesATaskAgain() {
    RunResult result = run(workflow()
        .stage(stage("Shaky", Behaviour.FAIL_ONCE).toBuilder()
            .retry(Retry.times(1))
            .build()));
    assertThat(number(result.orThrow().stage("Shaky").value())).isEqualTo(2L);
    assertThat(result.stage("Shaky").tasks().get(0).attempts()).isEqualTo(2);
  }

  @Test
  void runsTasksAtTheSameTime() {
    if (concurrent()) {
      EventLog events = new EventLog();
      Workflow workflow =
          workflow().dataset(data("a", 2)).stage(stage("Wait", Behaviour.BLOCK)).build();
      try (Run run = start(backend(), workflow, 2, events)) {
        events.await(RunEvent.TaskStarted.class, 2, patience());
        run.cancel();
        end(run);
      }
    }
  }

  @Test
  void cancelEndsWhatRunsAndWhatIsQueued() {
    if (concurrent()) {
      EventLog events = new EventLog();
      Workflow workflow =
          workflow().dataset(data("a", 5)).stage(stage("Wait", Behaviour.BLOCK)).build();
      try (Run run = start(backend(), workflow, 1, events)) {
        events.await(RunEvent.TaskStarted.class, 1, patience());
        run.cancel();
        RunResult result = end(run);
        assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(result.stage("Wait").failed()).isEqualTo(1);
        assertThat(result.stage("Wait").skipped()).isEqualTo(4);
      }
    }
  }

  @Test
  void aWorkerIsFreeAgainAfterATimeout() {
    if (concurrent()) {
      RunResult result = run(
          workflow()
              .stage(stage("Slow", Behaviour.BLOCK).toBuilder()
                  .timeout(Duration.ofMillis(300))
                  .build())
              .stage(stage("Other", Behaviour.SUM)),
          1,
          new EventLog());
      assertThat(result.failures())
          .singleElement()
          .satisfies(task -> assertThat(String.valueOf(task.failure())).contains("TIMEOUT"));
      assertThat(result.stage("Other").succeeded()).isEqualTo(1);
    }
  }

  @Test
  void servesSeveralRunsAtOnce() {
    if (concurrent()) {
      Backend shared = backend();
      Workflow workflow =
          workflow().dataset(data("a", 5)).stage(stage("Each", Behaviour.SUM)).build();
      try (Run first = start(shared, workflow, 1, new EventLog());
          Run second = start(shared, workflow, 1, new EventLog())) {
        assertThat(end(first).orThrow().stage("Each").succeeded()).isEqualTo(5);
        assertThat(end(second).orThrow().stage("Each").succeeded()).isEqualTo(5);
      }
    }
  }

  @Test
  void staysQuietAboutAttemptsItDoesNotKnowAndClosesTwice() {
    SessionSpy spy = new SessionSpy(backend());
    EventLog events = new EventLog();
    Workflow workflow = workflow().stage(stage("Only", Behaviour.SUM)).build();
    try (Run run = start(spy, workflow, 1, events)) {
      spy.session().cancel(0, 99);
      assertThat(end(run).succeeded()).isTrue();
      spy.session().cancel(0, 1);
      spy.session().close();
    }
    assertThat(events.last()).isInstanceOf(RunEvent.RunFinished.class);
  }

  @Test
  void hasEndedItsTasksWhenItIsClosed(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("held while the task runs");
    SessionSpy spy = new SessionSpy(backend());
    Stage.Builder stage = Stage.builder("Linger").param(Lingering.FILE, file.toString());
    code(Behaviour.LINGER, stage);
    Workflow workflow = workflow().stage(stage.build()).build();
    // On a thread of its own: a backend may run tasks on the thread that hands them over.
    CompletableFuture<Run> started =
        CompletableFuture.supplyAsync(() -> start(spy, workflow, 1, new EventLog()));
    try {
      Lingering.awaitStart(file, patience());
      spy.session().close();
      assertThat(Lingering.runs(file))
          .as("a task still runs after close() of the session has returned")
          .isFalse();
    } finally {
      started.get(patience().toSeconds(), TimeUnit.SECONDS).close();
    }
  }

  @Test
  void leavesNoThread() throws InterruptedException {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    run(workflow().dataset(data("a", 5)).stage(stage("Each", Behaviour.SUM))).orThrow();
    List<Thread> left = Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .filter(thread -> !"InnocuousThreadGroup".equals(groupOf(thread))) // the JDK's own
        .toList();
    for (Thread thread : left) {
      thread.join(LAST_STEPS.toMillis()); // a thread that has nothing more to do may still be seen
    }
    assertThat(left).noneMatch(Thread::isAlive);
  }

  private static String groupOf(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return group == null ? "" : group.getName();
  }
}
