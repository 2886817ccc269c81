package dev.muster.cli;

import dev.muster.error.WorkflowException;
import dev.muster.plan.Plan;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster validate}: finds all problems of a workflow, starts nothing. */
@Command(
    name = "validate",
    description = "Find everything that is wrong with a workflow, and start nothing.",
    footer = {
      "",
      "Examples:",
      "  muster validate dimuon.yaml",
      "  muster validate dimuon.yaml --json | jq -r '.problems[].message'"
    })
final class ValidateCommand implements Callable<Integer>, Main.Talking {
  private final Shell shell;

  @Mixin
  private final WorkflowOptions workflow = new WorkflowOptions();

  @Option(names = "--json", description = "Print the problems as JSON.", order = 10)
  private boolean json;

  ValidateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return workflow.output;
  }

  @Override
  public Integer call() {
    try {
      WorkflowOptions.Loaded loaded = workflow.load(shell);
      Checked checked = Checked.of(shell, loaded, loaded.options().build());
      if (json) {
        shell.out().line(ProblemJson.render(checked.errors(), checked.warnings()));
        return checked.errors().isEmpty() ? ExitCode.DONE : ExitCode.USAGE;
      }
      valid(checked.forRun(new Messages(shell, workflow.output)));
      return ExitCode.DONE;
    } catch (WorkflowException e) {
      if (!json) {
        throw e;
      }
      shell.out().line(ProblemJson.render(e.problems(), List.of()));
      return ExitCode.USAGE;
    }
  }

  private void valid(Plan plan) {
    if (!workflow.output.quiet) {
      shell
          .out()
          .line(workflow.file + ": valid, " + Text.count(plan.stages().size(), "stage") + ", "
              + Text.count(plan.taskCount(), "task"));
    }
  }
}
