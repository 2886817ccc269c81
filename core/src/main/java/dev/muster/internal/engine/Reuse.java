package dev.muster.internal.engine;

import dev.muster.plan.PlannedStage;

/** What a resumed run takes of an earlier one instead of handing a task over. Thread-safe. */
interface Reuse {
  /** Tells whether a task was done before this run. */
  boolean before(int task);

  /** Tells whether a task that is ready need not run, since its result is there. */
  boolean reuses(int task);

  /** Tells whether tasks of a stage may turn out to need no run once those before them are done. */
  boolean mayReuse(PlannedStage stage);

  /** Ends a task with its earlier result; returns whether it had not ended otherwise. */
  boolean take(int task);
}
