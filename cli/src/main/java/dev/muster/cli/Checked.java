package dev.muster.cli;

import dev.muster.CheckedPlan;
import dev.muster.RunOptions;
import dev.muster.error.Diagnostic;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.plan.Plan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workflow that was planned and checked. Immutable.
 *
 * @param plan the plan, or null if it cannot be planned
 * @param diagnostics what was found
 */
record Checked(@Nullable Plan plan, List<Diagnostic> diagnostics) {
  /** Plans and checks. */
  static Checked of(Shell shell, WorkflowOptions.Loaded loaded, RunOptions options) {
    CheckedPlan checked = shell.library().check(loaded.draft(), options);
    return new Checked(checked.plan(), checked.diagnostics());
  }

  List<Problem> errors() {
    return diagnostics.stream()
        .filter(Diagnostic::isError)
        .map(Diagnostic::problem)
        .toList();
  }

  List<Problem> warnings() {
    return diagnostics.stream()
        .filter(each -> !each.isError())
        .map(Diagnostic::problem)
        .toList();
  }

  /**
   * Prints the warnings, and returns the plan.
   *
   * @throws WorkflowException if there are errors; lists them
   */
  Plan forRun(Messages messages) {
    messages.warnings(warnings());
    Diagnostic.throwIfErrors(diagnostics);
    return new CheckedPlan(plan, diagnostics).orThrow();
  }

  /**
   * Prints the warnings, and returns the plan. If the only errors are operations and modifiers that are not installed
   * here, they are warnings: a plan can be looked at without them.
   *
   * @throws WorkflowException if there are other errors; lists all
   */
  Plan forShow(Messages messages) {
    if (plan == null) {
      return forRun(messages);
    }
    boolean others =
        diagnostics.stream().anyMatch(each -> each.isError() && !each.isNotInstalled());
    if (others) {
      return forRun(messages);
    }
    messages.warnings(diagnostics.stream().map(Diagnostic::problem).toList());
    return plan;
  }
}
