package dev.muster.benchmarks;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.Site;
import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Runs on a site of two threads: 800,000 empty tasks with two dependencies each, in one run and in eight at once, and a
 * run of one task beside one that has its backend to itself. The score is the time for one task, or one small run.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms4g", "-Xmx4g"})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class SiteBenchmark {
  private static final int LAYERS = 100;
  private static final int WIDTH = 8_000;
  private static final int RUNS = 8;
  private static final int TASKS = LAYERS * WIDTH;

  private Execution execution;
  private Site site;
  private Plan whole;
  private Plan part;
  private Plan small;

  @Setup
  public void setUp() {
    execution = Execution.builder().pool("default", pool -> pool.workers(2)).build();
    site = Muster.open(execution);
    whole = site.plan(layers(WIDTH));
    part = site.plan(layers(WIDTH / RUNS));
    small = site.plan(Workflow.builder().stage("One").run(context -> null).build());
  }

  private static Workflow layers(int width) {
    Workflow.Builder workflow = Workflow.builder();
    workflow.dataset(new Dataset("data", Collections.nCopies(width, "file"), List.of(), Map.of()));
    for (int layer = 0; layer < LAYERS; layer++) {
      String[] needs = switch (layer) {
        case 0 -> new String[] {};
        case 1 -> new String[] {"L0"};
        default -> new String[] {"L" + (layer - 1), "L" + (layer - 2)};
      };
      workflow.stage("L" + layer, stage -> stage.needs(needs).run(context -> null));
    }
    return workflow.build();
  }

  @TearDown(Level.Trial)
  public void tearDown() {
    site.close();
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  public Object oneRun() {
    try (Run run = site.start(whole, RunOptions.defaults())) {
      return run.await().orThrow();
    }
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  public Object eightRunsAtOnce() {
    List<Run> runs = Stream.generate(() -> site.start(part, RunOptions.defaults()))
        .limit(RUNS)
        .toList();
    for (Run run : runs) {
      run.await().orThrow();
      run.close();
    }
    return runs;
  }

  @Benchmark
  public Object smallRunOnTheSite() {
    try (Run run = site.start(small, RunOptions.defaults())) {
      return run.await().orThrow();
    }
  }

  @Benchmark
  public Object smallRunAlone() {
    try (Run run = Muster.start(small, RunOptions.defaults())) {
      return run.await().orThrow();
    }
  }
}
