package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import dev.muster.batch.spi.JobId;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.testkit.FakeBatchSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class WorkerPoolsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final List<String> dead = Collections.synchronizedList(new ArrayList<>());
  private @Nullable FakeRun run;
  private @Nullable WorkerPools pools;

  /** Makes pools of one pool, {@code gpu}. */
  private WorkerPools pools(Consumer<Pool.Builder> pool, Map<String, Object> config) {
    FakeRun made = new FakeRun(FakeRun.plan(pool, config));
    run = made;
    WorkerPools opened = new WorkerPools(
        made,
        DaskConfig.of(made.config()),
        new WorkerJobs(made, Path.of("/runs/one/work")),
        false,
        (name, reason) -> dead.add(name + ": " + reason),
        new Ticker() {
          @Override
          public long read() {
            return nanos.get();
          }
        });
    pools = opened;
    return opened;
  }

  private WorkerPools started(int workers) {
    WorkerPools opened = pools(pool -> pool.workers(workers), Map.of());
    opened.start();
    opened.watch();
    return opened;
  }

  @AfterEach
  void end() {
    if (pools != null) {
      pools.closing();
      pools.close();
    }
  }

  private FakeBatchSystem system() {
    return java.util.Objects.requireNonNull(run).system;
  }

  private List<String> told() {
    return java.util.Objects.requireNonNull(run).toldSoFar();
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }

  private void after(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private List<Integer> copies() {
    return system().submissions().stream().map(each -> each.jobs().size()).toList();
  }

  /** Waits until the pools have looked once more at their jobs, after what was done before. */
  private void awaitLook() {
    int before = system().questions();
    await().until(() -> system().questions() >= before + 2);
  }

  @Test
  void submitsTheWorkersOfAPoolTogether() {
    started(3);
    assertThat(copies()).containsExactly(3);
    assertThat(system().submissions().get(0).spec().environment())
        .containsEntry("MUSTER_WORKER_FIRST", "0");
  }

  @Test
  void nobodyKnowsHowAWorkerOfAnExistingClusterEnded() {
    WorkerPools opened = pools(pool -> pool.workers(1), Map.of());
    List<String> ends = new ArrayList<>();
    opened.ended("gpu-0", end -> ends.add(end == null ? "unknown" : end.text()));
    assertThat(ends).containsExactly("unknown");
  }

  @Test
  void submitsNoMoreThanMayWait() {
    WorkerPools opened = pools(pool -> pool.workers(5), Map.of("max_queued", 2));
    opened.start();
    opened.watch();
    assertThat(copies()).containsExactly(2);
    system().startAll();
    opened.came("gpu", "gpu-0");
    await().until(() -> copies().size() == 2);
    assertThat(copies()).containsExactly(2, 1);
  }

  @Test
  void anAdaptivePoolGrowsAndShrinks() {
    WorkerPools opened = pools(pool -> pool.workers(0, 4), Map.of());
    opened.start();
    opened.watch();
    assertThat(copies()).isEmpty();
    opened.want("gpu", 3);
    await().until(() -> copies().equals(List.of(3)));
    List<JobId> jobs = system().submissions().get(0).jobs();
    opened.want("gpu", 1);
    await().until(() -> system().cancelled().size() == 2);
    assertThat(system().cancelled()).containsExactlyInAnyOrder(jobs.get(1), jobs.get(2));
    opened.want("unheard", 7);
    awaitLook();
    assertThat(copies()).containsExactly(3);
  }

  @Test
  void whatRunsIsNotCancelledWhenThePoolShrinks() {
    WorkerPools opened = pools(pool -> pool.workers(0, 4), Map.of());
    opened.start();
    opened.watch();
    opened.want("gpu", 2);
    await().until(() -> copies().equals(List.of(2)));
    system().startAll();
    opened.came("gpu", "gpu-0");
    opened.came("gpu", "gpu-1");
    opened.want("gpu", 0);
    awaitLook();
    assertThat(system().cancelled()).isEmpty(); // The bridge retires what has nothing to do.
  }

  @Test
  void aLostWorkerIsReplacedAndTold() {
    WorkerPools opened = started(1);
    JobId job = system().open().get(0);
    system().start(job, "node1");
    opened.came("gpu", "gpu-0");
    awaitLook();
    system().exit(job, 9);
    opened.went("gpu", "gpu-0");
    await().until(() -> copies().size() == 2);
    assertThat(system().submissions().get(1).spec().environment())
        .containsEntry("MUSTER_WORKER_FIRST", "1");
    assertThat(told())
        .anyMatch(told ->
            told.startsWith("notice pool gpu: worker gpu-0 (job " + job + ") ended (exit code 9)"));
    assertThat(dead).isEmpty();
  }

  @Test
  void aPoolWhoseJobsEndBeforeTheirWorkersAreThereIsGivenUpAfterThree() {
    started(1);
    for (int lost = 1; lost <= 3; lost++) {
      int number = lost;
      await().until(() -> system().submissions().size() == number);
      system().exit(system().submissions().get(lost - 1).jobs().get(0), 127);
    }
    await().until(() -> !dead.isEmpty());
    awaitNothingMore(3);
    assertThat(dead)
        .singleElement()
        .asString()
        .startsWith("gpu: pool gpu has no workers: job ")
        .contains("exit code 127", "before the worker was there");
  }

  @Test
  void aPoolThatLosesWorkersWithoutAFinishedTaskInBetweenIsGivenUp() {
    WorkerPools opened = pools(pool -> pool.workers(1), Map.of("max_lost_workers", 2));
    opened.start();
    opened.watch();
    lose(opened, 3);
    await().until(() -> !dead.isEmpty());
    awaitNothingMore(3);
    assertThat(dead)
        .singleElement()
        .asString()
        .startsWith("gpu: pool gpu has no workers: 3 were lost one after the other");
  }

  @Test
  void aFinishedTaskForgivesLostWorkers() {
    WorkerPools opened = pools(pool -> pool.workers(1), Map.of("max_lost_workers", 2));
    opened.start();
    opened.watch();
    lose(opened, 2);
    await().until(() -> system().submissions().size() == 3);
    opened.worked("gpu");
    lose(opened, 4);
    await().until(() -> system().submissions().size() == 5);
    assertThat(dead).isEmpty();
  }

  /** Lets workers come and die, from the one that is there now, until so many jobs have ended. */
  private void lose(WorkerPools opened, int until) {
    while (true) {
      after(Duration.ofMinutes(2)); // What delays replacements is over.
      int count = system().submissions().size();
      JobId job = system().submissions().get(count - 1).jobs().get(0);
      system().start(job, "node1");
      opened.came("gpu", "gpu-" + (count - 1));
      awaitLook();
      system().exit(job, 1);
      opened.went("gpu", "gpu-" + (count - 1));
      if (count == until) {
        return;
      }
      await().until(() -> {
        after(Duration.ofMinutes(2));
        return system().submissions().size() == count + 1;
      });
    }
  }

  private void awaitNothingMore(int submissions) {
    after(Duration.ofHours(1));
    opened().want("gpu", 1);
    assertThat(system().submissions()).hasSize(submissions);
  }

  private WorkerPools opened() {
    return java.util.Objects.requireNonNull(pools);
  }

  @Test
  void aPoolThatIsRefusedAtTheBeginningCannotStart() {
    WorkerPools opened = pools(pool -> pool.workers(1), Map.of());
    system().refuseNext("no such partition", false);
    assertThatThrownBy(opened::start)
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("no such partition");
    assertThat(system().submissions()).isEmpty();
  }

  @Test
  void aRefusedReplacementIsToldAndTriedAgain() {
    WorkerPools opened = pools(pool -> pool.workers(0, 1), Map.of());
    opened.start();
    opened.watch();
    system().refuseNext("busy", true);
    opened.want("gpu", 1);
    await().until(() -> told().stream().anyMatch(told -> told.contains("busy")));
    assertThat(system().submissions()).isEmpty();
    await().until(() -> {
      after(Duration.ofMinutes(1));
      return copies().equals(List.of(1));
    });
  }

  @Test
  void howAWorkerEndedIsToldWhenTheBatchSystemKnows() {
    WorkerPools opened = started(1);
    JobId job = system().open().get(0);
    system().start(job, "node1");
    opened.came("gpu", "gpu-0");
    awaitLook();
    List<String> ends = Collections.synchronizedList(new ArrayList<>());
    opened.ended("gpu-0", end -> ends.add(end == null ? "unknown" : end.text()));
    awaitLook();
    assertThat(ends).isEmpty();
    system().runOutOfMemory(job);
    await().until(() -> ends.size() == 1);
    assertThat(ends.get(0)).startsWith("ran out of memory");
    opened.ended("gpu-0", end -> ends.add("again " + (end == null ? "unknown" : end.kind())));
    assertThat(ends).last().isEqualTo("again OUT_OF_MEMORY");
  }

  @Test
  void howAWorkerEndedIsUnknownAfterAWhileOrWhenItIsNoneOfAPool() {
    WorkerPools opened = started(1);
    List<String> ends = Collections.synchronizedList(new ArrayList<>());
    opened.ended("gpu-0", end -> ends.add("first " + end));
    opened.ended("tcp://host:1", end -> ends.add("second " + end));
    assertThat(ends).containsExactly("second null");
    after(Duration.ofSeconds(30));
    await().until(() -> ends.size() == 2);
    assertThat(ends).containsExactly("second null", "first null");
  }

  @Test
  void questionsAreAnsweredWhenItCloses() {
    WorkerPools opened = started(1);
    List<String> ends = Collections.synchronizedList(new ArrayList<>());
    opened.ended("gpu-0", end -> ends.add("first " + end));
    opened.closing();
    assertThat(ends).containsExactly("first null");
    opened.ended("gpu-0", end -> ends.add("second " + end));
    assertThat(ends).containsExactly("first null", "second null");
  }

  @Test
  void aBatchSystemThatDoesNotAnswerIsToldOnceAndNothingIsGivenUp() {
    started(1);
    system().becomeUnavailable("slurmctld is down");
    await().until(() -> told().stream().anyMatch(told -> told.contains("slurmctld is down")));
    awaitLook();
    after(Duration.ofHours(3));
    awaitLook();
    system().becomeAvailable();
    await().until(() -> told().contains("notice the batch system answers again"));
    assertThat(told().stream().filter(told -> told.contains("slurmctld"))).hasSize(1);
    assertThat(dead).isEmpty();
    assertThat(copies()).containsExactly(1);
  }

  @Test
  void closingCancelsWhatIsLeftAndSubmitsNothingMore() {
    WorkerPools opened = started(2);
    List<JobId> jobs = system().open();
    opened.closing();
    opened.want("gpu", 5);
    opened.close();
    assertThat(system().cancelled()).containsExactlyInAnyOrderElementsOf(jobs);
    assertThat(copies()).containsExactly(2);
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("muster-dask-pools@"));
  }
}
