package dev.muster.cli;

import dev.muster.RunOptions;
import dev.muster.error.Diagnostic;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.plan.Plan;
import java.util.List;

/**
 * A plan that was checked. Immutable.
 *
 * @param diagnostics what was found
 */
record Checked(Plan plan, List<Diagnostic> diagnostics) {
  /**
   * Plans and checks.
   *
   * @throws WorkflowException if it cannot be planned
   */
  static Checked of(Shell shell, WorkflowOptions.Loaded loaded, RunOptions options) {
    Plan plan = shell.library().plan(loaded.file(), options);
    return new Checked(plan, shell.library().check(plan, options));
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
    return plan;
  }

  /**
   * Prints the warnings, and returns the plan. If the only errors are operations and modifiers that are not installed
   * here, they are warnings: a plan can be looked at without them.
   *
   * @throws WorkflowException if there are other errors; lists all
   */
  Plan forShow(Messages messages) {
    boolean others =
        diagnostics.stream().anyMatch(each -> each.isError() && !each.isNotInstalled());
    if (others) {
      return forRun(messages);
    }
    messages.warnings(diagnostics.stream().map(Diagnostic::problem).toList());
    return plan;
  }
}
