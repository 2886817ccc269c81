package dev.muster.examples.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.examples.plugin.FakeBackendContext.Report;
import dev.muster.execution.Execution;
import dev.muster.plan.Route;
import dev.muster.spi.BackendSession;
import dev.muster.spi.TaskBody;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ForkJoinBackendTest {
  @TempDir
  Path directory;

  @Test
  void runsEveryTaskOnceAndNoMoreAtATimeThanThePoolHasSlots() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    FakeBackendContext context = context((task, attempt) -> {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      Thread.onSpinWait();
      running.decrementAndGet();
      return task * 10;
    });
    try (BackendSession session = new ForkJoinBackend().open(context)) {
      session.submit(route(context), 1, IntStream.range(0, 500).toArray(), 400);
      Set<Integer> done = new HashSet<>();
      for (int i = 0; i < 400; i++) {
        Report report = context.next();
        assertThat(report.output()).isEqualTo(report.task() * 10);
        assertThat(done.add(report.task())).isTrue();
      }
    }
    assertThat(context.operationsOpened).isTrue();
    assertThat(context.reports).isEmpty();
    assertThat(most.get()).isBetween(1, 3);
  }

  @Test
  void reportsWhatATaskThrew() throws Exception {
    FakeBackendContext context = context((task, attempt) -> {
      throw new IllegalStateException("no");
    });
    try (BackendSession session = new ForkJoinBackend().open(context)) {
      session.submit(route(context), 2, new int[] {7}, 1);
      assertThat(context.next())
          .isEqualTo(new Report(7, 2, null, "java.lang.IllegalStateException: no"));
    }
  }

  @Test
  void operationsMayUseParallelStreams() throws Exception {
    FakeBackendContext context = context(
        (task, attempt) -> IntStream.range(0, 10_000).parallel().map(i -> i % 7).sum());
    try (BackendSession session = new ForkJoinBackend().open(context)) {
      session.submit(route(context), 1, IntStream.range(0, 20).toArray(), 20);
      for (int i = 0; i < 20; i++) {
        assertThat(context.next().output()).isEqualTo(29_994);
      }
    }
  }

  @Test
  void cancelInterruptsARunningTask() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    FakeBackendContext context = context((task, attempt) -> {
      began.countDown();
      new CountDownLatch(1).await();
      return null;
    });
    try (BackendSession session = new ForkJoinBackend().open(context)) {
      session.submit(route(context), 1, new int[] {0}, 1);
      began.await();
      session.cancel(0, 1);
      assertThat(context.next().failure()).contains("InterruptedException");
    }
  }

  @Test
  void closeLeavesNoThread() throws Exception {
    CountDownLatch began = new CountDownLatch(3);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    FakeBackendContext context = context((task, attempt) -> {
      threads.add(Thread.currentThread());
      began.countDown();
      new CountDownLatch(1).await();
      return null;
    });
    BackendSession session = new ForkJoinBackend().open(context);
    session.submit(route(context), 1, IntStream.range(0, 50).toArray(), 50);
    began.await();
    session.close();
    session.close();
    assertThat(context.reports).hasSize(3);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(threads).hasSize(3).noneMatch(Thread::isAlive);
  }

  private FakeBackendContext context(TaskBody body) {
    Workflow workflow = Workflow.builder().stage("A").run(c -> null).build();
    Execution execution = Execution.builder()
        .backend("fork-join")
        .pool("default", pool -> pool.workers(3))
        .build();
    return new FakeBackendContext(
        workflow, execution, directory, body, new NiceProcesses(Map.of()));
  }

  private static Route route(FakeBackendContext context) {
    return context.plan().stages().get(0).route();
  }
}
