package dev.muster.cli;

import dev.muster.batch.PlannedJobs;
import dev.muster.plan.Plan;
import dev.muster.plan.PlanFormat;
import java.nio.file.Path;
import java.util.List;
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
      "  muster plan dimuon.yaml --jobs",
      "  muster plan dimuon.yaml --format dot | dot -Tsvg -o dimuon.svg"
    })
final class PlanCommand implements Callable<Integer>, Main.Talking {
  private static final Path RUN = Path.of(".muster", "runs", "preview");

  private final Shell shell;

  @Mixin
  private final WorkflowOptions workflow = new WorkflowOptions();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      defaultValue = "yaml",
      converter = PlanFormatReader.class,
      description = "yaml, json, mermaid or dot (default: yaml).",
      order = 10)
  private PlanFormat format = PlanFormat.YAML;

  @Option(names = "--json", description = "The same as --format json.", order = 11)
  private boolean json;

  @Option(
      names = "--jobs",
      description = {
        "Show the jobs of the workers instead, exactly as they would be",
        "submitted: scripts and commands. With --json for programs."
      },
      order = 12)
  private boolean jobs;

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
    Plan plan = Checked.of(shell, loaded, loaded.options().build())
        .forShow(new Messages(shell, workflow.output));
    if (jobs) {
      shell.out().line(jobs(plan, loaded));
    } else {
      shell.library().print(plan, json ? PlanFormat.JSON : format, shell.out());
    }
    return ExitCode.DONE;
  }

  private String jobs(Plan plan, WorkflowOptions.Loaded loaded) {
    boolean program = json || format == PlanFormat.JSON;
    if (!program && format != PlanFormat.YAML) {
      throw new UsageException(
          "--jobs prints text, or with --json for programs; it has no --format "
              + PlanFormatReader.word(format));
    }
    List<PlannedJobs> planned = shell
        .library()
        .jobs(plan, loaded.options().directory(shell.directory().resolve(RUN)).build());
    return program ? JobsView.json(planned) : JobsView.render(planned);
  }
}
