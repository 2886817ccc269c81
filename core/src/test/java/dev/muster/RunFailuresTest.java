package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.run;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.RunFixture.Events;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunFailedException;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskException;
import dev.muster.run.TaskResult;
import dev.muster.run.TaskStatus;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.EscalateOn;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class RunFailuresTest {
  private static final Operation BAD = context -> {
    throw new IllegalStateException("bad");
  };

  private static Workflow only(Operation operation) {
    return Workflow.builder().stage("Only").run(operation).build();
  }

  static Stream<Arguments> thrown() {
    return Stream.of(
        Arguments.of(new IOException("no file"), FailureKind.OPERATION, "IOException: no file"),
        Arguments.of(new IllegalStateException(), FailureKind.OPERATION, "IllegalStateException"),
        Arguments.of(
            new RuntimeException("outer", new IOException("inner")),
            FailureKind.OPERATION,
            "RuntimeException: outer (caused by IOException: inner)"),
        Arguments.of(new AssertionError("odd"), FailureKind.OPERATION, "AssertionError: odd"),
        Arguments.of(new StackOverflowError(), FailureKind.OPERATION, "StackOverflowError"),
        Arguments.of(
            new OutOfMemoryError("heap"), FailureKind.OUT_OF_MEMORY, "OutOfMemoryError: heap"),
        Arguments.of(new InterruptedException(), FailureKind.OPERATION, "InterruptedException"),
        Arguments.of(new LinkageError("odd"), FailureKind.OPERATION, "LinkageError: odd"),
        Arguments.of(
            new TaskException(FailureKind.CREDENTIAL, "no proxy", null),
            FailureKind.CREDENTIAL,
            "no proxy"),
        Arguments.of(
            new RuntimeException() {
              private static final long serialVersionUID = 1L;

              @Override
              public String getMessage() {
                throw new UnsupportedOperationException();
              }
            },
            FailureKind.OPERATION,
            ": (its message cannot be shown: UnsupportedOperationException)"));
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void tellsWhatAnOperationThrew(Throwable thrown, FailureKind kind, String message) {
    RunResult result = run(only(context -> throwAny(thrown)), workers(1));
    TaskResult task = result.failures().get(0);
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(task.failure().kind()).isEqualTo(kind);
    assertThat(task.failure().message()).isEqualTo(message);
    assertThat(task.failure().cause()).isSameAs(thrown);
  }

  @SuppressWarnings("unchecked") // throws what is not declared
  private static <T extends Throwable> Object throwAny(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Test
  void beingTakenBackDoesNotCountAsALoss() {
    RunResult result = run(
        only(context -> {
          if (context.attempt() <= 10) {
            throw new TaskException(FailureKind.PREEMPTED, "taken back", null);
          }
          return context.attempt();
        }),
        workers(1));
    assertThat(result.stage("Only").value()).isEqualTo(11);
  }

  @Test
  void saysInWordsWhatIsWrongWithAFile() {
    List<Exception> thrown = List.of(
        new AccessDeniedException("/x"),
        new UncheckedIOException(new AccessDeniedException("/x")),
        new IllegalStateException("cannot go on", new AccessDeniedException("/x")));
    RunResult result = run(
        Workflow.builder()
            .dataset(Dataset.of("a", "0", "1", "2"))
            .stage("Only")
            .run(context -> {
              throw thrown.get(context.partition().index());
            })
            .build(),
        workers(1),
        RunOptions.builder().keepGoing(true));
    List<String> messages =
        result.failures().stream().map(task -> task.failure().message()).toList();
    String words = "/x: permission denied; check who may use it";
    assertThat(messages.get(0)).startsWith(words);
    assertThat(messages.get(1)).startsWith(words);
    assertThat(messages.get(2))
        .startsWith("IllegalStateException: cannot go on (caused by ")
        .contains(words);
  }

  @Test
  void triesAgainAsOftenAsTheStageSays() {
    Events events = new Events();
    RunResult result = run(
        Workflow.builder()
            .stage("Only")
            .retry(new Retry(3, Duration.ofMillis(2), null))
            .run(context -> {
              throw new IOException("attempt " + context.attempt());
            })
            .build(),
        workers(2),
        RunOptions.builder().listener(events::add));
    TaskResult task = result.failures().get(0);
    assertThat(task.attempts()).isEqualTo(4);
    assertThat(task.failure().message()).isEqualTo("IOException: attempt 4");
    List<Duration> waits = events.of(RunEvent.TaskFailed.class).stream()
        .map(RunEvent.TaskFailed::retryAfter)
        .toList();
    assertThat(waits).hasSize(4);
    assertThat(waits.get(0)).isBetween(Duration.ofMillis(2), Duration.ofNanos(2_500_000));
    assertThat(waits.get(1)).isBetween(Duration.ofMillis(4), Duration.ofMillis(5));
    assertThat(waits.get(2)).isBetween(Duration.ofMillis(8), Duration.ofMillis(10));
    assertThat(waits.get(3)).isNull();
  }

  @Test
  void succeedsAtALaterAttempt() {
    RunResult result = run(
        Workflow.builder()
            .stage("Only")
            .retries(2)
            .run(context -> {
              if (context.attempt() < 3) {
                throw new IOException("not yet");
              }
              return "done";
            })
            .stage("After")
            .run(context -> context.input("Only"))
            .build(),
        workers(1));
    assertThat(result.stage("After").value()).isEqualTo("done");
    assertThat(result.stage("Only").tasks().get(0).attempts()).isEqualTo(3);
    assertThat(result.stage("Only").tasks().get(0).failure()).isNull();
  }

  @Test
  void doesNotTryAgainWhereThatIsOfNoUse() {
    AtomicInteger attempts = new AtomicInteger();
    run(
        Workflow.builder()
            .stage("Only")
            .retries(5)
            .run(context -> {
              attempts.incrementAndGet();
              throw new TaskException(FailureKind.CREDENTIAL, "no proxy", null);
            })
            .build(),
        workers(1));
    assertThat(attempts).hasValue(1);
  }

  @Test
  void aTaskThatItsWorkersDoNotSurviveFailsAtTheThirdTime() {
    AtomicInteger attempts = new AtomicInteger();
    RunResult result = run(
        only(context -> {
          attempts.incrementAndGet();
          throw new TaskException(FailureKind.WORKER_LOST, "gone", null);
        }),
        workers(1));
    assertThat(attempts).hasValue(3);
    assertThat(result.failures().get(0).failure().kind()).isEqualTo(FailureKind.WORKER_LOST);
  }

  @Test
  void escalatesToAnotherPoolWhenOutOfMemory() {
    Execution execution = Execution.builder()
        .pool("default", pool -> pool.workers(1))
        .pool("large", pool -> pool.workers(1).memory("128GB"))
        .build();
    RunResult result = run(
        Workflow.builder()
            .stage("Only")
            .retry(new Retry(2, Duration.ZERO, "large"))
            .run(context -> {
              if (context.pool().equals("default")) {
                throw new OutOfMemoryError("heap");
              }
              return context.worker();
            })
            .build(),
        execution);
    TaskResult task = result.stage("Only").tasks().get(0);
    assertThat(task.value()).isEqualTo("large-0");
    assertThat(task.pool()).isEqualTo("large");
    assertThat(task.attempts()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "OPERATION, 250, 1, large",
    "OPERATION, 137, 1, large",
    "OPERATION, 3, 1, default",
    "OPERATION, , 1, default",
    "OUT_OF_MEMORY, , 1, default",
    "WALLTIME, , 0, large",
    "WORKER_LOST, 137, 0, large",
    "WORKER_LOST, , 0, default",
  })
  void escalatesWhereTheKindOrTheExitCodeIsListed(
      FailureKind kind, @Nullable Integer exitCode, int max, String pool) {
    Execution execution = Execution.builder()
        .pool("default", p -> p.workers(1))
        .pool("large", p -> p.workers(1).memory("128GB"))
        .build();
    EscalateOn on = EscalateOn.of("WALLTIME").orExitCodes(137, 250);
    RunResult result = run(
        Workflow.builder()
            .stage("Only")
            .retry(new Retry(max, Duration.ZERO, "large", on))
            .run(context -> {
              if (context.attempt() == 1) {
                throw new TaskException(kind, "ended", exitCode, null);
              }
              return 1;
            })
            .build(),
        execution);
    TaskResult task = result.stage("Only").tasks().get(0);
    assertThat(task.attempts()).isEqualTo(2);
    assertThat(task.pool()).isEqualTo(pool);
  }

  @Test
  void keepsTheExitCodeOfAFailedCommand() {
    RunResult result = run(
        only(context -> {
          throw new TaskException(FailureKind.OPERATION, "ended", 250, null);
        }),
        workers(1));
    assertThat(result.failures().get(0).failure().exitCode()).isEqualTo(250);
  }

  @Test
  void endsWithTheFirstFailureAndSkipsTheRest() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    RunResult result = run(
        Workflow.builder()
            .stage("Long")
            .needs()
            .run(context -> {
              running.countDown();
              try {
                return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
              }
            })
            .stage("Bad")
            .needs()
            .run(context -> {
              running.await();
              throw new IllegalStateException("bad");
            })
            .stage("After")
            .run(context -> null)
            .build(),
        workers(2));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(interrupted).isTrue();
    assertThat(result.stage("Long").tasks().get(0).failure().kind())
        .isEqualTo(FailureKind.CANCELLED);
    assertThat(result.stage("Long").tasks().get(0).failure().message()).isEqualTo("Bad failed");
    assertThat(result.stage("After").tasks().get(0).status()).isEqualTo(TaskStatus.SKIPPED);
    assertThat(result.failures()).extracting(TaskResult::name).containsExactly("Bad");
    assertThatThrownBy(result::orThrow)
        .isInstanceOf(RunFailedException.class)
        .hasMessage("Bad failed (OPERATION): IllegalStateException: bad");
  }

  @Test
  void boundsTheTextsOfEvents(@TempDir Path folder) throws IOException {
    RunFixture.Events events = new RunFixture.Events();
    RunResult result = run(
        Workflow.builder()
            .stage("Long")
            .run(context -> {
              context.diagnostic("long", "d".repeat(1_000_000));
              context.diagnostic("deep", Map.of("list", List.of("d".repeat(1_000_000))));
              throw new IllegalStateException("x".repeat(1_000_000));
            })
            .build(),
        workers(1),
        RunOptions.builder().directory(folder.resolve("run")).listener(events::add));
    String message = events.of(RunEvent.TaskFailed.class).get(0).message();
    assertThat(message)
        .hasSizeLessThan(17_000)
        .endsWith("the whole text is in " + folder.resolve("run/Long/errors") + ")");
    assertThat(Files.size(folder.resolve("run/Long/errors"))).isGreaterThan(1_000_000);
    assertThat(Files.size(folder.resolve("run/journal"))).isLessThan(50_000);
    TaskResult task = result.failures().get(0);
    assertThat(task.diagnostics().get("long").toString()).hasSizeLessThan(17_000);
    assertThat(task.diagnostics().get("deep").toString()).hasSizeLessThan(17_000);
    assertThat(task.failure().message()).isEqualTo(message);
  }

  @Test
  void keepsGoingWithWhatDoesNotDependOnTheFailure() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 4))
            .stage("Some")
            .run(context -> {
              if (context.partition().index() == 2) {
                throw new IllegalStateException("bad");
              }
              return context.partition().index();
            })
            .stage("Next")
            .run(context -> context.input("Some"))
            .stage("All")
            .scope(Scope.GLOBAL)
            .run(context -> null)
            .stage("Alone")
            .needs()
            .run(context -> "alone")
            .build(),
        workers(2),
        RunOptions.builder().keepGoing(true).keepValues(true));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(result.stage("Some").succeeded()).isEqualTo(3);
    assertThat(result.stage("Next").tasks().stream().filter(TaskResult::hasValue))
        .extracting(TaskResult::value)
        .containsExactly(0, 1, 3);
    assertThatThrownBy(() -> result.stage("Next").values())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Next/a.2 has no output: it is SKIPPED");
    assertThat(result.stage("Next").skipped()).isEqualTo(1);
    assertThat(result.stage("All").skipped()).isEqualTo(1);
    assertThat(result.stage("Alone").succeeded()).isEqualTo(4);
  }

  @Test
  void anInterruptDoesNotLeakIntoTheNextTask() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 100))
            .stage("Interrupting")
            .run(context -> {
              boolean before = Thread.interrupted();
              Thread.currentThread().interrupt();
              return before;
            })
            .build(),
        workers(1));
    assertThat(result.stage("Interrupting").values()).containsOnly(false);
  }

  @Test
  void keepsTheFirstFailuresWithTheirTraces() {
    RunResult result = run(
        Workflow.builder().dataset(data("a", 1500)).stage("Bad").run(BAD).build(),
        workers(2),
        RunOptions.builder().keepGoing(true));
    assertThat(result.failures()).hasSize(1000);
    assertThat(result.failures())
        .allSatisfy(task -> assertThat(task.failure().cause()).isNotNull());
    assertThat(result.stage("Bad").tasks())
        .allSatisfy(
            task -> assertThat(task.failure().message()).isEqualTo("IllegalStateException: bad"));
    assertThat(
            result.stage("Bad").tasks().stream().filter(task -> task.failure().cause() != null))
        .hasSize(1000);
  }

  @Test
  void aRunThatWaitsForAnotherAttemptCanBeCancelled() {
    Events events = new Events();
    try (Run run = Muster.start(
        Workflow.builder()
            .stage("Bad")
            .retry(new Retry(1, Duration.ofDays(1), null))
            .run(BAD)
            .build(),
        workers(1),
        RunOptions.builder().listener(events::add).build())) {
      org.awaitility.Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> !events.of(RunEvent.TaskFailed.class).isEmpty());
      run.cancel();
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(result.stage("Bad").tasks().get(0).status()).isEqualTo(TaskStatus.SKIPPED);
      assertThat(result.stage("Bad").tasks().get(0).attempts()).isEqualTo(1);
    }
  }

  @Test
  void diagnosticsReachEventAndResult() {
    Events events = new Events();
    RunResult result = run(
        only(context -> {
          context.diagnostic("bytes", 12L);
          context.diagnostic("nothing", null);
          return null;
        }),
        workers(1),
        RunOptions.builder().listener(events::add));
    Map<String, Object> noted = result.stage("Only").tasks().get(0).diagnostics();
    assertThat(noted).containsEntry("bytes", 12L).containsEntry("nothing", null);
    assertThat(events.of(RunEvent.TaskSucceeded.class).get(0).diagnostics()).isEqualTo(noted);
  }
}
