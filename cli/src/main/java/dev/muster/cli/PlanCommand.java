package dev.muster.cli;

import dev.muster.plan.Plan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster plan}: prints the plan, starts nothing. */
@Command(
    name = "plan",
    description = "Show which task would run where, and start nothing.",
    footer = {
      "",
      "Examples:",
      "  muster plan dimuon.yaml",
      "  muster plan dimuon.yaml --json | jq '.stages[].pools'",
      "  muster plan dimuon.yaml --format dot | dot -Tsvg -o dimuon.svg"
    })
final class PlanCommand implements Callable<Integer>, Main.Talking {
  private final Shell shell;

  @Mixin
  private final WorkflowOptions workflow = new WorkflowOptions();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      defaultValue = "yaml",
      converter = PlanFormat.Converter.class,
      description = "yaml, json, mermaid or dot (default: yaml).",
      order = 10)
  private PlanFormat format = PlanFormat.YAML;

  @Option(names = "--json", description = "The same as --format json.", order = 11)
  private boolean json;

  PlanCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return workflow.output;
  }

  @Override
  public Integer call() {
    WorkflowOptions.Loaded loaded = workflow.load(shell);
    Plan plan = shell.library().plan(loaded.file(), loaded.options().build());
    new Messages(shell, workflow.output).warnings(plan.warnings());
    shell.out().line(shell.library().print(plan, json ? PlanFormat.JSON : format));
    return ExitCode.DONE;
  }
}
