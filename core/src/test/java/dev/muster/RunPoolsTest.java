package dev.muster;

import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.run;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.RunFixture.Events;
import dev.muster.execution.Execution;
import dev.muster.resource.Quantities;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.TaskResult;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Workflow;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunPoolsTest {
  private static Operation together(CyclicBarrier barrier) {
    return context -> barrier.await(30, TimeUnit.SECONDS);
  }

  @Test
  void differentPoolsWorkAtTheSameTime() {
    CyclicBarrier all = new CyclicBarrier(4); // opens only if all four tasks run at once
    Execution execution = Execution.builder()
        .pool("default", pool -> pool.workers(2))
        .pool("gpu", pool -> pool.workers(1).gpus(1))
        .pool("high_memory", pool -> pool.workers(1).memory("128GB"))
        .build();
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 2))
            .stage("Small")
            .needs()
            .run(together(all))
            .stage("Gpu")
            .needs()
            .scope(dev.muster.workflow.Scope.GLOBAL)
            .require("gpu")
            .run(together(all))
            .stage("Large")
            .needs()
            .scope(dev.muster.workflow.Scope.GLOBAL)
            .require("high_memory")
            .run(together(all))
            .build(),
        execution);
    assertThat(result.orThrow().stages()).hasSize(3);
    assertThat(result.stage("Gpu").tasks().get(0).worker()).isEqualTo("gpu-0");
    assertThat(result.stage("Large").tasks().get(0).pool()).isEqualTo("high_memory");
  }

  @Test
  void slotsShareAWorker() {
    CyclicBarrier six = new CyclicBarrier(6);
    Execution execution =
        Execution.builder().pool("default", pool -> pool.workers(2).slots(3)).build();
    RunResult result = run(
        Workflow.builder().dataset(data("a", 6)).stage("A").run(together(six)).build(), execution);
    assertThat(result.orThrow().stage("A").tasks())
        .extracting(TaskResult::worker)
        .containsOnly("default-0", "default-1");
  }

  @Test
  void aPoolNeverRunsMoreThanItHolds() {
    Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    Map<String, AtomicInteger> most = new ConcurrentHashMap<>();
    Operation counted = context -> {
      String pool = context.pool();
      int now = running.computeIfAbsent(pool, key -> new AtomicInteger()).incrementAndGet();
      most.computeIfAbsent(pool, key -> new AtomicInteger()).accumulateAndGet(now, Math::max);
      Thread.onSpinWait();
      running.get(pool).decrementAndGet();
      return null;
    };
    Execution execution = Execution.builder()
        .pool("default", pool -> pool.workers(2).slots(2))
        .pool("gpu", pool -> pool.workers(1).gpus(1))
        .build();
    Workflow.Builder workflow = Workflow.builder().dataset(data("a", 300));
    for (int i = 0; i < 10; i++) {
      boolean gpu = i % 2 == 1;
      workflow.stage("S" + i, stage -> {
        stage.run(counted);
        if (gpu) {
          stage.require("gpu");
        }
      });
    }
    run(workflow.build(), execution).orThrow();
    assertThat(most.get("default").get()).isBetween(1, 4);
    assertThat(most.get("gpu").get()).isEqualTo(1);
  }

  @Test
  void severalPoolsServeOneRoute() {
    CyclicBarrier both = new CyclicBarrier(2);
    Quantities gpu = Quantities.builder().gpus(1).build();
    Execution execution = Execution.builder()
        .resource("gpu", gpu)
        .pool("old", pool -> pool.workers(1).resource("gpu"))
        .pool("new", pool -> pool.workers(1).resource("gpu"))
        .build();
    Events events = new Events();
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 100))
            .stage("First")
            .require("gpu")
            .run(context -> context.partition().index() < 2 ? both.await(30, TimeUnit.SECONDS) : 0)
            .build(),
        execution,
        RunOptions.builder().listener(events::add));
    assertThat(result.orThrow().stage("First").tasks())
        .extracting(TaskResult::pool)
        .contains("old", "new");
    assertThat(events.of(RunEvent.TaskStarted.class))
        .allMatch(event -> event.worker().equals(event.pool() + "-0"));
  }

  @Test
  void workersStartOnlyWhenThereIsWorkForThem() {
    Events events = new Events();
    run(
        Workflow.builder().stage("A").run(c -> null).stage("B").run(c -> null).build(),
        workers(50),
        RunOptions.builder().listener(events::add));
    assertThat(events.of(RunEvent.WorkerStarted.class)).hasSizeLessThanOrEqualTo(2);
  }
}
