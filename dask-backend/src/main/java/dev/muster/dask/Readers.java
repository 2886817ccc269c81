package dev.muster.dask;

import dev.muster.plan.Link;
import dev.muster.plan.Pattern;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.StageInput;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Who reads an output on Dask: whether that is one task alone, once. Immutable and thread-safe. */
final class Readers {
  private final Plan plan;
  private final Topology topology;

  Readers(Plan plan, Topology topology) {
    this.plan = plan;
    this.topology = topology;
  }

  /**
   * Tells whether what a task reads with an input is read by nothing else on Dask, and not once more by another
   * attempt.
   * Then the task may have the output itself; else each reader needs a copy.
   */
  boolean alone(Link link, StageInput input) {
    return topology.here(link.producer())
        && link.pattern() != Pattern.SCATTER
        && plan.stages().get(link.consumer()).stage().retry().max() == 0
        && inputs(link.producer()).filter(other -> overlap(input, other)).count() == 1;
  }

  private static boolean overlap(StageInput one, StageInput other) {
    return one.port() == null || other.port() == null || one.port().equals(other.port());
  }

  /** Tells whether what reads outputs of a stage on Dask names, each time, one of its outputs. */
  boolean byName(PlannedStage stage) {
    List<StageInput> inputs = inputs(stage.index()).toList();
    return !inputs.isEmpty() && inputs.stream().map(StageInput::port).allMatch(Objects::nonNull);
  }

  private Stream<StageInput> inputs(int producer) {
    return plan.stages().get(producer).outgoing().stream()
        .filter(link -> topology.here(link.consumer()))
        .flatMap(link -> link.inputs().stream());
  }
}
