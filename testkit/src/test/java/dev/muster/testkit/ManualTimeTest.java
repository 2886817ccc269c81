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
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ManualTimeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration HOUR = Duration.ofHours(1);

  private final ManualTime time = new ManualTime();
  private final EventLog events = new EventLog();
  private final RunOptions.Builder options = RunOptions.builder().time(time).listener(events);

  @Test
  void doesWhatIsDueInOrder() {
    StringBuilder done = new StringBuilder();
    time.at(30, () -> done.append('c'));
    time.at(10, () -> done.append('a'));
    time.at(20, () -> done.append('b'));
    assertThat(time.waits()).containsExactly(nanos(10), nanos(20), nanos(30));
    time.advance(nanos(9));
    assertThat(done).isEmpty();
    time.advance(nanos(12));
    assertThat(done.toString()).isEqualTo("ab");
    assertThat(time.waits()).containsExactly(nanos(9));
    time.at(21, () -> done.append('d')); // it is so late already
    assertThat(done.toString()).isEqualTo("abd");
    assertThat(time.nanoTime()).isEqualTo(21);
  }

  private static Duration nanos(long nanos) {
    return Duration.ofNanos(nanos);
  }

  @Test
  void doesNotGoBack() {
    assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void eachTaskHasItsOwnTime() throws InterruptedException {
    FakeBackend backend = FakeBackend.stepwise("local");
    Workflow workflow = Workflow.builder()
        .dataset(Dataset.of("a", "0", "1"))
        .stage("A")
        .timeout(HOUR)
        .run(context -> 1)
        .build();
    Execution two = Execution.builder().pool("default", pool -> pool.workers(2)).build();
    try (Run run =
        Muster.start(workflow, two, options.backend(backend).keepGoing(true).build())) {
      backend.start("A/a.0");
      time.advance(HOUR.dividedBy(2));
      backend.start("A/a.1");
      time.advance(HOUR.dividedBy(2));
      events.await(RunEvent.TaskFailed.class, 1, PATIENCE);
      // It is taken back a moment after it is told.
      while (backend.running().contains("A/a.0")) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      assertThat(backend.running()).containsExactly("A/a.1");
      backend.succeed("A/a.1", 1);
      RunResult result = run.await();
      assertThat(result.failures())
          .singleElement()
          .satisfies(task -> assertThat(task.name()).isEqualTo("A/a.0"));
    }
  }

  @Test
  void endsAnOperationThatRuns() {
    Workflow workflow = Workflow.builder()
        .stage("Slow")
        .timeout(HOUR)
        .run(context -> new CountDownLatch(1).await(1, TimeUnit.HOURS))
        .build();
    try (Run run = Muster.start(workflow, Execution.local(), options.build())) {
      assertThat(time.awaitNext(PATIENCE)).isEqualTo(HOUR);
      time.advance(HOUR);
      RunResult result = run.await();
      assertThat(result.failures().get(0).failure()).isNotNull().satisfies(failure -> {
        assertThat(failure.kind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(failure.message()).contains("01:00:00");
      });
    }
  }

  @Test
  void endsADrain() {
    FakeBackend backend = FakeBackend.stepwise("local");
    Workflow workflow = Workflow.builder().stage("A").run(context -> 1).build();
    try (Run run =
        Muster.start(workflow, Execution.local(), options.backend(backend).build())) {
      backend.start("A");
      run.drain(HOUR);
      assertThat(time.awaitNext(PATIENCE)).isEqualTo(HOUR);
      assertThat(backend.running()).isEqualTo(List.of("A"));
      time.advance(HOUR);
      assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
    }
  }
}
