package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.run;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.muster.RunFixture.Events;
import dev.muster.internal.local.LocalBackend;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.RunTime;
import dev.muster.run.TaskException;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Time stands still here, unless an operation moves it: nothing depends on how fast the machine is. */
@Timeout(120)
class RunTimeoutsTest {
  private static final Duration TIMEOUT = Duration.ofHours(1);

  private final StandingTime time = new StandingTime();

  private RunOptions.Builder options() {
    return RunOptions.builder().time(time);
  }

  /** The time of a run, moved by hand. Core's own: the one of the test kit is built after it. */
  private static final class StandingTime implements RunTime {
    private final List<Wait> waits = new ArrayList<>();
    private long now;

    private record Wait(long until, Runnable action) {}

    void advance(Duration step) {
      List<Wait> due;
      synchronized (this) {
        now += step.toNanos();
        due = waits.stream().filter(wait -> wait.until <= now).toList();
        waits.removeAll(due);
      }
      due.forEach(wait -> wait.action.run());
    }

    @Override
    public synchronized long nanoTime() {
      return now;
    }

    @Override
    public void at(long nanoTime, Runnable action) {
      synchronized (this) {
        if (nanoTime > now) {
          waits.add(new Wait(nanoTime, action));
          return;
        }
      }
      action.run();
    }
  }

  @Test
  void interruptsWhatIsOutOfTimeAndTriesAgain() {
    AtomicInteger interrupts = new AtomicInteger();
    RunResult result = run(
        Workflow.builder()
            .stage("Slow")
            .timeout(TIMEOUT)
            .retries(1)
            .run(context -> {
              time.advance(TIMEOUT);
              try {
                return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                interrupts.incrementAndGet();
                assertThat(context.cancelled()).isTrue();
                throw e;
              }
            })
            .build(),
        workers(1),
        options());
    assertThat(interrupts).hasValue(2);
    assertThat(result.failures().get(0).failure().kind()).isEqualTo(FailureKind.TIMEOUT);
    assertThat(result.failures().get(0).failure().message())
        .isEqualTo("it ran longer than its timeout of 01:00:00");
  }

  @Test
  void everyTaskHasItsOwnTime() {
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 50))
            .stage("Some")
            .timeout(TIMEOUT)
            .run(context -> {
              if (context.partition().index() % 10 == 9) {
                time.advance(TIMEOUT);
                return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
              }
              time.advance(TIMEOUT.minusMillis(1));
              return true;
            })
            .build(),
        workers(1),
        options().keepGoing(true));
    assertThat(result.stage("Some").succeeded()).isEqualTo(45);
    assertThat(result.failures())
        .extracting(task -> task.name(), task -> task.failure().kind())
        .containsExactly(
            tuple("Some/a.9", FailureKind.TIMEOUT),
            tuple("Some/a.19", FailureKind.TIMEOUT),
            tuple("Some/a.29", FailureKind.TIMEOUT),
            tuple("Some/a.39", FailureKind.TIMEOUT),
            tuple("Some/a.49", FailureKind.TIMEOUT));
  }

  @Test
  void manyAreOutOfTimeAtOnce() {
    CyclicBarrier all = new CyclicBarrier(4);
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 40))
            .stage("Some")
            .timeout(TIMEOUT)
            .run(context -> {
              if (context.partition().index() % 5 == 4) {
                if (all.await(60, TimeUnit.SECONDS) == 0) {
                  time.advance(TIMEOUT);
                }
                return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
              }
              return true;
            })
            .build(),
        workers(4),
        options().keepGoing(true));
    assertThat(result.stage("Some").succeeded()).isEqualTo(32);
    assertThat(result.failures())
        .hasSize(8)
        .extracting(task -> task.failure().kind())
        .containsOnly(FailureKind.TIMEOUT);
  }

  @Test
  void theLateResultOfATimedOutAttemptIsIgnored() {
    CountDownLatch second = new CountDownLatch(1);
    RunResult result = run(
        Workflow.builder()
            .stage("Slow")
            .timeout(TIMEOUT)
            .retries(1)
            .run(context -> {
              if (context.attempt() == 1) {
                time.advance(TIMEOUT);
                awaitStubbornly(second);
                return "late";
              }
              second.countDown();
              return "in time";
            })
            .build(),
        workers(2),
        options());
    assertThat(result.stage("Slow").value()).isEqualTo("in time");
  }

  private static void awaitStubbornly(CountDownLatch latch) {
    boolean done = false;
    while (!done) {
      try {
        done = latch.await(60, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        done = false; // on purpose: an operation that does not listen
      }
    }
  }

  @Test
  void anOperationThatIgnoresInterruptsDoesNotHoldTheRun() {
    CountDownLatch release = new CountDownLatch(1);
    Events events = new Events();
    try {
      RunResult result = run(
          Workflow.builder()
              .stage("Stubborn")
              .timeout(TIMEOUT)
              .run(context -> {
                time.advance(TIMEOUT);
                awaitStubbornly(release);
                return null;
              })
              .build(),
          workers(1),
          options().backend(new LocalBackend(Duration.ofMillis(50))).listener(events::add));
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(events.of(RunEvent.Notice.class))
          .singleElement()
          .satisfies(notice -> assertThat(notice.message())
              .contains("ignore that they were interrupted", "muster-default-0"));
    } finally {
      release.countDown();
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(RunFixture.threads()).isEmpty());
  }

  @Test
  void aLeftoverOperationCannotTouchTheNextAttempt() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    AtomicBoolean refused = new AtomicBoolean();
    CountDownLatch tried = new CountDownLatch(1);
    RunResult result = run(
        Workflow.builder()
            .stage("Slow")
            .timeout(TIMEOUT)
            .retries(1)
            .run(context -> {
              if (context.attempt() == 1) {
                time.advance(TIMEOUT);
                awaitStubbornly(first);
                try {
                  context.diagnostic("attempt", 1);
                  context.outputDirectory();
                } catch (TaskException e) {
                  refused.set(true);
                }
                tried.countDown();
                return "late";
              }
              Path file = context.outputDirectory().resolve("mine");
              Files.createFile(file);
              first.countDown();
              tried.await();
              return Files.exists(file);
            })
            .build(),
        workers(2),
        options());
    assertThat(refused).isTrue();
    assertThat(result.stage("Slow").value()).isEqualTo(true);
    assertThat(result.stage("Slow").tasks().get(0).diagnostics()).isEmpty();
  }
}
