package dev.muster.cli;

import dev.muster.WorkflowFile;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.plan.Planner;
import dev.muster.resource.MemorySize;
import dev.muster.workflow.Workflow;
import java.time.Instant;
import java.util.List;

/** A workflow of three stages on three pools. */
final class Samples {
  static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  static final Machine MACHINE = new Machine(4, MemorySize.parse("16GB"));

  private Samples() {}

  static Workflow workflow() {
    return Workflow.builder()
        .name("dimuon")
        .dataset("ttbar", "a.csv", "b.csv")
        .stage("BuildIndex")
        .op("custom.build_index")
        .require("high_memory")
        .stage("Select")
        .op("custom.select")
        .stage("RunInference")
        .op("custom.infer")
        .require("gpu")
        .build();
  }

  static Execution execution() {
    return Execution.builder()
        .pool("default", p -> p.workers(20).cpus(1).memory("4GB"))
        .pool("high_memory", p -> p.workers(2).memory("128GB"))
        .pool("gpu", p -> p.workers(1).gpus(1).memory("16GB"))
        .build();
  }

  static WorkflowFile file() {
    return new WorkflowFile(workflow(), Layer.of("dimuon.yaml", execution()), List.of());
  }

  static Plan plan() {
    return Planner.plan(workflow(), List.of(Layer.of("dimuon.yaml", execution())), MACHINE);
  }
}
