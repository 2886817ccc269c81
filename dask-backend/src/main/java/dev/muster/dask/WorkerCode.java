package dev.muster.dask;

import dev.muster.code.Carries;
import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.workflow.Scope;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts the code of a stage into the terms of workers. Not thread-safe. */
final class WorkerCode {
  /** What workers carry out. */
  static final Carries CARRIES =
      new Carries(Set.of(StageCode.Kind.PYTHON, StageCode.Kind.SHELL), Map.of(), false);

  private static final String SHELL = "shell";

  private final BackendContext context;
  private final List<Problem> problems;

  /**
   * @param problems receives what is wrong with stages
   */
  WorkerCode(BackendContext context, List<Problem> problems) {
    this.context = context;
    this.problems = problems;
  }

  /** Returns the code of a stage, or null if workers cannot carry it out; then there is a problem more. */
  @Nullable
  Map<String, @Nullable Object> of(PlannedStage planned) {
    StageCode code;
    try {
      code = context.code(planned);
    } catch (WorkflowException e) {
      e.problems().stream().filter(each -> !problems.contains(each)).forEach(problems::add);
      return null;
    }
    Map<String, @Nullable Object> made = code.json();
    made.put("stage", planned.id());
    if (code instanceof PythonCode) {
      return made;
    }
    ShellCode shell = (ShellCode) code;
    made.put("callable", SHELL);
    made.put("args", List.of());
    if (planned.scope() == Scope.GLOBAL) {
      made.put("datasets", planned.datasets());
      if (shell.command().takesFiles()) {
        made.put("brings", planned.datasets());
      }
    }
    if (shell.container() != null) {
      made.put(
          "container", shell.container().json(context.credentials().variables().keySet()));
    }
    return made;
  }
}
