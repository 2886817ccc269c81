package dev.muster.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.muster.execution.Execution;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Counts what the hot path allocates; how long it takes is measured in the benchmarks. */
class PlanAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static long allocatedBy(Runnable work) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    work.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static Workflow workflow(int stages, int partitions) {
    Workflow.Builder workflow = Workflow.builder()
        .dataset(new Dataset("d", List.of("f"), List.of((long) partitions), Map.of()))
        .partitioning(new Partitioning.Events(1));
    for (int i = 0; i < stages; i++) {
      workflow.stage("s" + i).require(i % 2 == 0 ? "gpu" : "default");
    }
    return workflow.build();
  }

  @Test
  void annotatingATaskAllocatesNothing() {
    Plan plan = Planning.plan(workflow(100, 1000), Planning.threePools());
    long[] seen = new long[1];
    Runnable annotateAll = () -> {
      for (int task = 0; task < plan.taskCount(); task++) {
        seen[0] += plan.annotationsOf(task).resources().size();
      }
    };
    annotateAll.run();
    assertThat(allocatedBy(annotateAll)).isLessThan(1000);
    // Once to warm up and once to count, each time one resource.
    assertThat(seen[0]).isEqualTo(2L * plan.taskCount());
  }

  @Test
  void routingByALabelAllocatesNothing() {
    Plan plan = Planning.plan(workflow(2, 1), Planning.threePools());
    Router router = Router.compile(plan.execution(), Planning.MACHINE);
    List<Stage> stages = plan.workflow().stages();
    Route[] routes = new Route[2];
    Runnable routeMany = () -> {
      for (int i = 0; i < 100_000; i++) {
        routes[i & 1] = router.route(stages.get(i & 1));
      }
    };
    routeMany.run();
    assertThat(allocatedBy(routeMany)).isLessThan(1000);
    assertThat(routes[0].label()).isEqualTo("gpu");
  }

  @Test
  void aMillionTasksTakeLessThanSixteenBytesEachEvenWhilePlanning() {
    Workflow workflow = workflow(1000, 1000);
    Execution execution = Planning.threePools();
    Plan[] plan = new Plan[1];
    plan[0] = Planning.plan(workflow, execution);
    long allocated = allocatedBy(() -> plan[0] = Planning.plan(workflow, execution));
    assertThat(plan[0].taskCount()).isEqualTo(1_000_000);
    assertThat(allocated / plan[0].taskCount()).isLessThan(16);
  }

  @Test
  void aMillionPartitionsTakeLessThanSixteenBytesEach() {
    Workflow workflow = workflow(1, 1_000_000);
    Plan[] plan = new Plan[1];
    long allocated = allocatedBy(() -> plan[0] = Planning.plan(workflow, Planning.threePools()));
    assertThat(plan[0].partitionCount()).isEqualTo(1_000_000);
    assertThat(allocated / 1_000_000).isLessThan(16);
  }

  @Test
  void planningIsLinearInTheNumberOfStages() {
    Execution execution = Planning.threePools();
    Workflow small = workflow(1000, 1);
    Workflow large = workflow(10_000, 1);
    Planning.plan(small, execution);
    long few = allocatedBy(() -> Planning.plan(small, execution));
    long many = allocatedBy(() -> Planning.plan(large, execution));
    assertThat(many).isLessThan(15 * few);
  }
}
