package dev.muster.plan;

import org.jspecify.annotations.Nullable;

/** What serves a stage, or why nothing does. */
sealed interface Placement permits Placement.Place, Answer.Missing {
  /**
   * What serves a stage.
   *
   * @param executor the named executor that chose it, or null
   * @param pools the pools that it has
   * @param where what sets it apart, as the end of a sentence, for example {@code  in executor night}; may be empty
   */
  record Place(
      String backend, String strategy, @Nullable String executor, PoolIndex pools, String where)
      implements Placement {}
}
