package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmissionException;
import dev.muster.error.MusterException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FakeBatchSystemTest {
  private final FakeBatchSystem system = new FakeBatchSystem();

  private static JobSpec.Builder job() {
    return JobSpec.builder("job", List.of("true"), Path.of("/work"));
  }

  private JobId submit() {
    return system.submit(job().build(), 1).get(0);
  }

  private JobStatus status(JobId job) {
    return ((StatusReport.Answered) system.status(Set.of(job))).statuses().get(job);
  }

  @Test
  void jobsWaitUntilTheTestStartsThem() {
    List<JobId> jobs = system.submit(job().build(), 2);
    assertThat(jobs).containsExactly(new JobId("1_0"), new JobId("1_1"));
    assertThat(status(jobs.get(0))).isEqualTo(new JobStatus.Pending(null));
    system.start(jobs.get(0), "node1");
    assertThat(status(jobs.get(0))).isEqualTo(new JobStatus.Running("node1"));
    system.startAll();
    assertThat(status(jobs.get(1))).isEqualTo(new JobStatus.Running("node-1_1"));
    assertThat(system.submissions())
        .containsExactly(new FakeBatchSystem.Submitted(
            job().build(), jobs, Instant.parse("2026-01-01T00:00:00Z")));
    assertThat(system.open()).isEqualTo(jobs);
    assertThat(system.questions()).isEqualTo(3);
  }

  static Stream<Arguments> states() {
    return Stream.of(
        state("pend", (fake, job) -> fake.pend(job, "busy"), new JobStatus.Pending("busy")),
        state("hold", (fake, job) -> fake.hold(job, "by hand"), new JobStatus.Held("by hand")),
        state(
            "makeImpossible",
            (fake, job) -> fake.makeImpossible(job, "no such machine"),
            new JobStatus.Impossible("no such machine")),
        state("confuse", (fake, job) -> fake.confuse(job, "XY"), new JobStatus.Unknown("XY")),
        ended("exit 0", (fake, job) -> fake.exit(job, 0), End.SUCCEEDED, 0, null),
        ended("exit 3", (fake, job) -> fake.exit(job, 3), End.FAILED, 3, null),
        ended("preempt", FakeBatchSystem::preempt, End.PREEMPTED, null, "preempted"),
        ended("walltime", FakeBatchSystem::exceedWalltime, End.WALLTIME, null, "time limit"),
        ended("memory", FakeBatchSystem::runOutOfMemory, End.OUT_OF_MEMORY, 137, "out of memory"),
        ended("node", FakeBatchSystem::loseNode, End.NODE_LOST, null, "node failed"),
        ended("lose", FakeBatchSystem::lose, End.LOST, null, "no accounting"));
  }

  private static Arguments state(
      String name, BiConsumer<FakeBatchSystem, JobId> step, JobStatus expected) {
    return Arguments.of(name, step, expected);
  }

  private static Arguments ended(
      String name, BiConsumer<FakeBatchSystem, JobId> step, End end, Integer code, String reason) {
    return state(name, step, new JobStatus.Ended(end, code, reason));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("states")
  void becomesWhatTheTestSays(
      String name, BiConsumer<FakeBatchSystem, JobId> step, JobStatus expected) {
    JobId job = submit();
    system.start(job, "node1");
    step.accept(system, job);
    assertThat(status(job)).isEqualTo(expected);
    if (expected.ended()) {
      assertThat(system.open()).isEmpty();
      assertThatIllegalStateException()
          .isThrownBy(() -> step.accept(system, job))
          .withMessageContaining("is over");
    }
  }

  @Test
  void endsAJobWhoseWalltimeIsOver() {
    JobSpec spec = job().config("walltime", "1h").build();
    JobId first = system.submit(spec, 1).get(0);
    JobId second = system.submit(spec, 1).get(0);
    system.start(first, "node1");
    system.pass(Duration.ofMinutes(30));
    system.start(second, "node1");
    system.pass(Duration.ofMinutes(30));
    assertThat(((JobStatus.Ended) status(first)).end()).isEqualTo(End.WALLTIME);
    assertThat(status(second)).isInstanceOf(JobStatus.Running.class);
    assertThat(system.now()).isEqualTo(Instant.parse("2026-01-01T01:00:00Z"));
  }

  @Test
  void refusesWhatTheTestSaysOnce() {
    system.refuseNext("no such queue", false);
    assertThatExceptionOfType(SubmissionException.class)
        .isThrownBy(this::submit)
        .withMessage("job job was refused: no such queue")
        .satisfies(e -> assertThat(e.retryable()).isFalse());
    assertThat(submit()).isEqualTo(new JobId("1_0"));
    system.refuseNext("busy", true);
    assertThatExceptionOfType(SubmissionException.class)
        .isThrownBy(this::submit)
        .satisfies(e -> assertThat(e.retryable()).isTrue());
  }

  @Test
  void cannotBeAskedWhileUnavailable() {
    JobId job = submit();
    system.becomeUnavailable("down");
    assertThat(system.status(Set.of(job))).isEqualTo(new StatusReport.Unavailable("down"));
    system.becomeAvailable();
    assertThat(status(job)).isEqualTo(new JobStatus.Pending(null));
  }

  @Test
  void remembersWhatWasCancelled() {
    List<JobId> jobs = system.submit(job().build(), 3);
    system.exit(jobs.get(0), 0);
    system.cancel(Set.of(jobs.get(0), jobs.get(2), new JobId("9_9")));
    assertThat(system.cancelled()).containsExactly(jobs.get(2));
    system.close();
    system.close();
    assertThat(system.cancelled()).containsExactly(jobs.get(2), jobs.get(1));
    assertThat(system.isClosed()).isTrue();
    assertThatExceptionOfType(MusterException.class).isThrownBy(this::submit);
  }

  @Test
  void rejectsWhatMakesNoSense() {
    assertThatIllegalArgumentException().isThrownBy(() -> system.submit(job().build(), 0));
    assertThatIllegalStateException()
        .isThrownBy(() -> system.start(new JobId("7_7"), "node1"))
        .withMessageContaining("there is no job 7_7");
    assertThat(status(new JobId("7_7"))).isInstanceOf(JobStatus.Unknown.class);
  }

  @Test
  void aStrategyOpensIt(@TempDir Path directory) {
    FakeStrategy strategy = new FakeStrategy("slurm", "queue");
    assertThat(strategy.name()).isEqualTo("slurm");
    assertThat(strategy.options()).containsExactly("queue");
    try (BatchSystem opened = Jobs.open(strategy, directory, Map.of())) {
      assertThat(strategy.system()).isSameAs(opened);
    }
    assertThat(strategy.system().isClosed()).isTrue();
    assertThat(strategy.timesOpened()).isEqualTo(1);
  }
}
