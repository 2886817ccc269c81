package dev.muster.dask;

import dev.muster.plan.Link;
import dev.muster.plan.Pattern;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.workflow.Keep;

/**
 * Which outputs that stay on Dask are copied to where the run's files are, so that a later run can go on from them.
 * Those that come to this JVM need no copy. Immutable and thread-safe.
 */
final class Copies {
  /** What is copied of the outputs of a stage. */
  enum Kind {
    /** Nothing: they come to this JVM, or are passed on within a chain, or there will be no later run. */
    NONE,
    /** Those that need no pickle. */
    PLAIN,
    /** All of them. */
    ALL
  }

  private final BackendContext context;
  private final Fusion fusion;
  private final boolean shared;

  /**
   * @param shared whether workers see the run's directory
   */
  Copies(BackendContext context, Fusion fusion, boolean shared) {
    this.context = context;
    this.fusion = fusion;
    this.shared = shared;
  }

  /** Returns what is copied of the outputs of a stage: what a gather reads in any case, as it reads much. */
  Kind of(PlannedStage stage) {
    if (!context.keepsRecords() || !shared || fusion.fetched(stage)) {
      return Kind.NONE;
    }
    if (context.plan().keepOf(stage) == Keep.ALL) {
      return Kind.ALL;
    }
    if (fusion.next(stage) >= 0) {
      return Kind.NONE;
    }
    return stage.outgoing().stream().anyMatch(Copies::gathers) ? Kind.ALL : Kind.PLAIN;
  }

  private static boolean gathers(Link link) {
    return !link.inputs().isEmpty() && link.pattern() == Pattern.GATHER;
  }
}
