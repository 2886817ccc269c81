package dev.muster.benchmarks;

import dev.muster.plan.Annotations;
import dev.muster.plan.Plan;
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

/** How long it takes to look up what a task asks of its worker. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class AnnotationBenchmark {
  /** Pools of the execution. */
  @Param({"3", "3000"})
  public int pools;

  /** Stages of the workflow. */
  @Param({"10", "10000"})
  public int stages;

  private Plan plan = Sites.plan(Sites.workflow(1, 1, 1), Sites.pools(1));
  private int step;
  private int task;

  @Setup
  public void plan() {
    task = 0;
    plan = Sites.plan(Sites.workflow(stages, pools, 100), Sites.pools(pools));
    step = (int) (0.618 * plan.taskCount());
  }

  @Benchmark
  public Annotations inOrder() {
    int now = task;
    task = now + 1 == plan.taskCount() ? 0 : now + 1;
    return plan.annotationsOf(now);
  }

  /** Jumps through the plan, so that caches of the processor help less. */
  @Benchmark
  public Annotations scattered() {
    int now = task + step;
    task = now < plan.taskCount() ? now : now - plan.taskCount();
    return plan.annotationsOf(task);
  }
}
