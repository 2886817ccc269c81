package dev.muster.internal.engine;

import dev.muster.plan.PlannedStage;

/** Takes tasks of one stage whose dependencies are done. */
interface Dispatcher {
  /**
   * Hands tasks to their backend.
   *
   * @param tasks an array that the caller uses again; the tasks are its first {@code count} items
   */
  void dispatch(PlannedStage stage, int[] tasks, int count);
}
