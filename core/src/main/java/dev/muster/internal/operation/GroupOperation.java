package dev.muster.internal.operation;

import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.util.function.IntFunction;

/**
 * An operation that carries out several tasks of its stage in one go for less than it takes to carry out each alone.
 * Thread-safe.
 */
public interface GroupOperation extends Operation {
  /** Returns how many tasks are worth to be carried out in one go; 1 as long as that is not known. */
  int groupSize();

  /**
   * Carries out tasks.
   *
   * @param turns the tasks; all are over or given back when this returns
   * @param contexts of each task, by its turn; valid until this returns
   */
  void run(Turns turns, IntFunction<? extends OperationContext> contexts);
}
