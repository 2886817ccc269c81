package dev.muster.benchmarks;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
 * The engine with the local backend: 100 layers of 10,000 empty tasks, each with two dependencies, on two threads.
 * Beside it the same graph written by hand with {@link CompletableFuture}. The score is the time for one task.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms4g", "-Xmx4g"})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class EngineBenchmark {
  private static final int LAYERS = 100;
  private static final int WIDTH = 10_000;
  private static final int TASKS = LAYERS * WIDTH;

  private Plan plan;
  private ExecutorService threads;
  private Path directory;
  private int runs;

  @Setup
  public void setUp() throws Exception {
    Workflow.Builder workflow = Workflow.builder();
    workflow.dataset(new Dataset("data", Collections.nCopies(WIDTH, "file"), List.of(), Map.of()));
    for (int layer = 0; layer < LAYERS; layer++) {
      String[] needs = switch (layer) {
        case 0 -> new String[] {};
        case 1 -> new String[] {"L0"};
        default -> new String[] {"L" + (layer - 1), "L" + (layer - 2)};
      };
      workflow.stage("L" + layer, stage -> stage.needs(needs).run(context -> null));
    }
    Execution execution =
        Execution.builder().pool("default", pool -> pool.workers(2)).build();
    plan = Muster.plan(workflow.build(), execution);
    threads = Executors.newFixedThreadPool(2);
    directory = Files.createTempDirectory("muster-benchmark");
  }

  @TearDown(Level.Trial)
  public void tearDown() throws Exception {
    threads.shutdownNow();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  public Object muster() {
    try (Run run = Muster.start(plan, RunOptions.defaults())) {
      return run.await().orThrow();
    }
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  public Object musterWithListenerAndRunDirectory() throws Exception {
    Path own = directory.resolve("run" + runs++);
    RunOptions options =
        RunOptions.builder().directory(own).listener(event -> {}).build();
    try (Run run = Muster.start(plan, options)) {
      return run.await().orThrow();
    } finally {
      Files.deleteIfExists(own.resolve("journal"));
    }
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  public Object completableFuture() {
    CompletableFuture<?>[][] layers = new CompletableFuture<?>[LAYERS][WIDTH];
    CompletableFuture<Object> start = new CompletableFuture<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      for (int i = 0; i < WIDTH; i++) {
        layers[layer][i] = switch (layer) {
          case 0 -> start.thenApplyAsync(nothing -> null, threads);
          case 1 -> layers[0][i].thenApplyAsync(nothing -> null, threads);
          default ->
            layers[layer - 1][i].thenCombineAsync(layers[layer - 2][i], (a, b) -> null, threads);
        };
      }
    }
    start.complete(null);
    return CompletableFuture.allOf(layers[LAYERS - 1]).join();
  }
}
