package dev.muster.benchmarks;

import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.workflow.Workflow;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long it takes to plan a workflow. With {@code -prof gc}, what planning allocates divided by the number of tasks
 * is more than what a plan holds for each.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class PlanningBenchmark {
  /** Stages, pools and partitions. */
  @Param({"1000x3x1000", "1000x3000x1000", "10000x3x1", "100000x3x1", "1x3x1000000"})
  public String size = "";

  private Workflow workflow = Workflow.builder().build();
  private Execution execution = Execution.local();

  @Setup
  public void read() {
    String[] parts = size.split("x", -1);
    int pools = Integer.parseInt(parts[1]);
    workflow = Sites.workflow(Integer.parseInt(parts[0]), pools, Integer.parseInt(parts[2]));
    execution = Sites.pools(pools);
  }

  @Benchmark
  public Plan plan() {
    return Sites.plan(workflow, execution);
  }
}
