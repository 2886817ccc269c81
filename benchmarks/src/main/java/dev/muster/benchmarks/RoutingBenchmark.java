package dev.muster.benchmarks;

import dev.muster.execution.Layer;
import dev.muster.execution.Layers;
import dev.muster.plan.Route;
import dev.muster.plan.Router;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import dev.muster.workflow.Stage;
import java.util.List;
import java.util.Map;
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

/** How long it takes to route a stage with a compiled router. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RoutingBenchmark {
  /** Pools of the execution. */
  @Param({"3", "3000"})
  public int pools;

  /** Stages that are routed in turn, each with an object of its own. */
  @Param({"10", "10000"})
  public int stages;

  /** What the stages ask for. */
  @Param({"none", "require", "prefer", "quantities"})
  public String ask = "";

  private Router router =
      Router.compile(Layers.merge(List.of(Layer.of("benchmark", Sites.pools(1)))), Sites.MACHINE);
  private Stage[] asked = {};
  private int next;

  @Setup
  public void compile() {
    router = Router.compile(
        Layers.merge(List.of(Layer.of("benchmark", Sites.pools(pools)))), Sites.MACHINE);
    asked = new Stage[stages];
    for (int i = 0; i < stages; i++) {
      asked[i] = stage(i);
      router.route(asked[i]);
    }
  }

  private Stage stage(int i) {
    Stage.Builder stage = Stage.builder("s" + i);
    String label = "pool" + (1 + i % (pools - 1));
    switch (ask) {
      case "require" -> stage.require(label);
      case "prefer" -> stage.prefer("tpu", label);
      case "quantities" ->
        stage.environment(environment -> environment.resources(Quantities.builder()
            .cpus(1)
            .memory(MemorySize.ofBytes(1_000_000L * (1 + i % 100)))
            .build()));
      default -> stage.params(Map.of());
    }
    return stage.build();
  }

  @Benchmark
  public Route route() {
    int i = next;
    next = i + 1 == asked.length ? 0 : i + 1;
    return router.route(asked[i]);
  }
}
