package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Pool;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Planner;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much room tasks take that wait for jobs, and jobs. Counts what is allocated, not what time it takes. */
class WorkRoomTest {
  @TempDir
  Path folder;

  private static final int TASKS = 10_000;
  private static final long MOST = 200;

  static { // the module itself has no use for them
    for (String name : List.of("java.management", "jdk.management")) {
      Module unused = WorkRoomTest.class
          .getModule()
          .addReads(ModuleLayer.boot().findModule(name).orElseThrow());
    }
  }

  private static Plan plan() {
    Workflow workflow = Workflow.builder()
        .dataset(new Dataset("d", List.of("f"), List.of((long) TASKS), Map.of()))
        .partitioning(new Partitioning.Events(1))
        .stage("Each", stage -> stage.scope(Scope.PARTITION))
        .build();
    Execution execution = Execution.builder()
        .backend("batch")
        .strategy("slurm")
        .pool("default", pool -> pool.cpus(1))
        .build();
    Machine machine = new Machine(4, MemorySize.parse("8GB"));
    return Planner.plan(workflow, List.of(Layer.of("test", execution)), machine);
  }

  @Test
  void aTaskOrAJobTakesLittle() throws InterruptedException {
    Plan plan = plan();
    PlannedStage stage = plan.stages().get(0);
    PoolOptions options = new PoolOptions(
        null,
        List.of(),
        Integer.MAX_VALUE,
        1,
        true,
        Duration.ZERO,
        Path.of("/home/ada/analysis/.muster/runs/dimuon-20260131-101500/debug/distributed"),
        Quantities.none(),
        Map.of());
    Pool pool = stage.route().pools().get(0);
    int[] tasks = IntStream.range(0, TASKS).toArray();
    List<JobId> ids =
        IntStream.range(0, TASKS).mapToObj(i -> new JobId("4711_" + i)).toList();
    JobSpec spec = JobSpec.builder("default", List.of("true"), Path.of("/home/ada/analysis"))
        .logs(options.logs())
        .build();

    JobRecord record = JobRecord.begin(folder, "run", "slurm", Map.of(), 1, false);
    long before = allocated();
    Work work = new Work(
        plan,
        options.logs().resolve("1"),
        List.of(new PoolJobs(pool, options)),
        Duration.ZERO,
        record,
        new Earlier(null));
    work.add(stage.route(), 1, tasks, TASKS);
    long waiting = allocated();
    Array array = work.next(TASKS);
    long taken = allocated();
    assertThat(array).isNotNull();
    work.submitted(array, spec, ids);
    long submitted = allocated();

    assertThat(work.openJobs()).hasSize(TASKS);
    assertThat((waiting - before) / TASKS)
        .as("bytes of a task that waits")
        .isLessThanOrEqualTo(MOST);
    assertThat((submitted - taken) / TASKS).as("bytes of a job").isLessThanOrEqualTo(MOST);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void marksAreASetHoweverLargeTheNumbers() {
    Marks marks = new Marks();
    assertThat(marks.isEmpty()).isTrue();
    for (int number : new int[] {0, 5, 63, 64, 9_999, 5}) {
      marks.set(number);
    }
    assertThat(marks.cardinality()).isEqualTo(5);
    assertThat(marks.get(63)).isTrue();
    assertThat(marks.get(64)).isTrue();
    assertThat(marks.get(9_999)).isTrue();
    assertThat(marks.get(62)).isFalse();
    assertThat(marks.get(65)).isFalse();
    assertThat(marks.isEmpty()).isFalse();
  }
}
