package dev.muster;

import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.workflow.Workflow;
import java.util.List;

/**
 * Plans and runs workflows.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class Muster {
  private Muster() {}

  /** Plans with the default options. */
  public static Plan plan(Workflow workflow, Execution execution) {
    return plan(workflow, execution, RunOptions.defaults());
  }

  /** Plans. */
  public static Plan plan(Workflow workflow, Execution execution, RunOptions options) {
    throw new WorkflowException(List.of());
  }

  /** Plans. */
  public static Plan plan(WorkflowFile file, RunOptions options) {
    throw new WorkflowException(List.of());
  }

  /** Plans and starts with the default options. */
  public static Run start(Workflow workflow, Execution execution) {
    return start(workflow, execution, RunOptions.defaults());
  }

  /** Plans and starts. */
  public static Run start(Workflow workflow, Execution execution, RunOptions options) {
    return start(plan(workflow, execution, options), options);
  }

  /** Starts a plan. */
  public static Run start(Plan plan, RunOptions options) {
    throw new WorkflowException(List.of());
  }
}
