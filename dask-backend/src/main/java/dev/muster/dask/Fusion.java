package dev.muster.dask;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import java.util.BitSet;

/**
 * Which tasks may follow each other at once on the same worker, and where outputs are kept. Immutable and thread-safe.
 */
final class Fusion {
  private final Plan plan;
  private final Topology topology;
  private final RouteTable routes;
  private final boolean keepsValues;
  private final BitSet leavesNothing = new BitSet();

  Fusion(BackendContext context, Topology topology, RouteTable routes) {
    this.plan = context.plan();
    this.topology = topology;
    this.routes = routes;
    this.keepsValues = context.keepsValues();
    for (PlannedStage stage : context.stages()) {
      leavesNothing.set(stage.index(), fetched(stage) && !readHere(stage));
    }
  }

  /** Tells whether nothing of a stage's output is left on Dask once it has come to this JVM. */
  boolean leavesNothing(int stage) {
    return leavesNothing.get(stage);
  }

  /** Tells whether outputs of a stage come to this JVM: for stages elsewhere, or as results. */
  boolean fetched(PlannedStage stage) {
    boolean read = false;
    for (Link link : stage.outgoing()) {
      if (!link.inputs().isEmpty()) {
        read = true;
        if (!topology.here(link.consumer())) {
          return true;
        }
      }
    }
    return !read || keepsValues;
  }

  /** Tells whether outputs of a stage are read by stages of this session. */
  boolean readHere(PlannedStage stage) {
    return stage.outgoing().stream().anyMatch(this::readHere);
  }

  private boolean readHere(Link link) {
    return !link.inputs().isEmpty() && topology.here(link.consumer());
  }

  /**
   * Tells whether a stage of this session that reads outputs of a stage may read them once more, for another attempt.
   */
  boolean readAgain(PlannedStage stage) {
    return stage.outgoing().stream()
        .filter(this::readHere)
        .anyMatch(link -> plan.stages().get(link.consumer()).stage().retry().max() > 0);
  }

  /** Returns the stage whose tasks can follow those of {@code stage} at once on the same worker, or -1. */
  int next(PlannedStage stage) {
    if (stage.outgoing().size() != 1 || fetched(stage)) {
      return -1;
    }
    Link link = stage.outgoing().get(0);
    PlannedStage consumer = plan.stages().get(link.consumer());
    boolean fits = link.identity()
        && readHere(link)
        && consumer.incoming().size() == 1
        && routes.number(consumer.route()) == routes.number(stage.route());
    return fits ? consumer.index() : -1;
  }

  /**
   * Tells whether tasks that can follow those of a stage are handed over right after these, before anything is done.
   * They are not where an attempt may go to another session.
   */
  boolean nextComes(PlannedStage stage) {
    int next = next(stage);
    return next >= 0 && stays(stage) && stays(plan.stages().get(next));
  }

  private static boolean stays(PlannedStage stage) {
    return stage.stage().retry().escalate() == null;
  }
}
