package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Diagnostic;
import dev.muster.error.WorkflowException;
import dev.muster.plan.Plan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of reading, planning and checking a workflow.
 *
 * <p>Immutable and thread-safe.
 *
 * @param plan the plan, or null if the workflow cannot be planned; then there are errors
 * @param diagnostics errors and warnings, each once, in the order of the files
 * @since 0.1
 */
@CheckReturnValue
public record CheckedPlan(@Nullable Plan plan, List<Diagnostic> diagnostics) {
  public CheckedPlan {
    diagnostics = List.copyOf(diagnostics);
  }

  /**
   * Returns the plan; it may have errors that keep it from being run.
   *
   * @throws WorkflowException if the workflow cannot be planned; lists all errors
   */
  public Plan orThrow() {
    Diagnostic.throwIfErrors(plan == null ? diagnostics : List.of());
    if (plan == null) {
      throw new IllegalStateException("there is neither a plan nor an error");
    }
    return plan;
  }
}
