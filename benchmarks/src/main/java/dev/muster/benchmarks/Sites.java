package dev.muster.benchmarks;

import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.plan.Planner;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.util.List;
import java.util.Map;

/** Workflows and executions of any size. */
final class Sites {
  static final Machine MACHINE = new Machine(8, MemorySize.parse("32GB"));

  private Sites() {}

  /**
   * Returns {@code count} pools: {@code default}, {@code pool1}, and so on, each a little larger than the one before.
   */
  static Execution pools(int count) {
    Execution.Builder execution = Execution.builder().backend("dask").strategy("slurm");
    for (int i = 0; i < count; i++) {
      MemorySize memory = MemorySize.ofBytes(4_000_000_000L + i * 1_000_000L);
      execution.pool(i == 0 ? "default" : "pool" + i, pool -> pool.workers(4).memory(memory));
    }
    return execution.build();
  }

  /**
   * Returns a workflow whose stages ask in turn for nothing, a label, a preference and an amount of memory; every tenth
   * stage gathers.
   */
  static Workflow workflow(int stages, int pools, int partitions) {
    Workflow.Builder workflow = Workflow.builder()
        .dataset(new Dataset("d", List.of("f"), List.of((long) partitions), Map.of()))
        .partitioning(new Partitioning.Events(1));
    for (int i = 0; i < stages; i++) {
      int number = i;
      int target = i % pools;
      workflow.stage("s" + i, stage -> {
        switch (number % 4) {
          case 1 -> stage.require(target == 0 ? "default" : "pool" + target);
          case 2 -> stage.prefer("tpu", target == 0 ? "default" : "pool" + target);
          case 3 ->
            stage.environment(environment -> environment.resources(Quantities.builder()
                .memory(MemorySize.ofBytes(4_000_000_000L + target))
                .build()));
          default -> stage.scope(number % 10 == 8 ? Scope.GLOBAL : Scope.PARTITION);
        }
      });
    }
    return workflow.build();
  }

  static Plan plan(Workflow workflow, Execution execution) {
    return Planner.plan(workflow, List.of(Layer.of("benchmark", execution)), MACHINE);
  }
}
