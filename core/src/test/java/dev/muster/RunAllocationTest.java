package dev.muster;

import static dev.muster.RunFixture.data;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.workflow.Workflow;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RunAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int LAYERS = 100;
  private static final int WIDTH = 10_000;

  /** What a worker had allocated at its first task and at its last. */
  private static final class Seen {
    private long first = -1;
    private long last;
  }

  @Test
  void aTaskThatGoesWellAllocatesNothing() {
    Map<Thread, Seen> workers = new ConcurrentHashMap<>();
    ThreadLocal<Seen> own = ThreadLocal.withInitial(() -> {
      Seen seen = new Seen();
      workers.put(Thread.currentThread(), seen);
      return seen;
    });
    Workflow.Builder workflow = Workflow.builder().dataset(data("data", WIDTH));
    for (int layer = 0; layer < LAYERS; layer++) {
      String[] needs = layer == 0
          ? new String[0]
          : layer == 1 ? new String[] {"L0"} : new String[] {"L" + (layer - 1), "L" + (layer - 2)};
      workflow.stage(
          "L" + layer,
          stage -> stage.needs(needs).run(context -> {
            Seen seen = own.get();
            long now = THREADS.getCurrentThreadAllocatedBytes();
            if (seen.first < 0) {
              seen.first = now;
            }
            seen.last = now;
            return null;
          }));
    }
    Plan plan = Muster.plan(workflow.build(), RunFixture.workers(2));
    long before = THREADS.getCurrentThreadAllocatedBytes();
    long started;
    try (Run run = Muster.start(plan, RunOptions.defaults())) {
      started = THREADS.getCurrentThreadAllocatedBytes();
      assertThat(run.await().orThrow().stage("L99").succeeded()).isEqualTo(WIDTH);
    }
    long tasks = plan.taskCount();
    long byWorkers =
        workers.values().stream().mapToLong(seen -> seen.last - seen.first).sum();
    assertThat((double) byWorkers / tasks).as("bytes a task, by workers").isLessThan(1);
    // State, times, worker, counts of dependencies and readers, output: arrays of 4 to 8 bytes a
    // task.
    assertThat((double) (started - before) / tasks).as("bytes a task, at start").isLessThan(64);
  }
}
