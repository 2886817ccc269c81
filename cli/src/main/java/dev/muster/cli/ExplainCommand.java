package dev.muster.cli;

import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.error.Suggestions;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster explain}: says why stages go where they go. */
@Command(
    name = "explain",
    description = "Say why a stage goes where it goes, and what else was considered.",
    footer = {
      "",
      "Examples:",
      "  muster explain dimuon.yaml",
      "  muster explain dimuon.yaml RunInference",
      "  muster explain dimuon.yaml --resume"
    })
final class ExplainCommand implements Callable<Integer>, Main.Talking {
  private final Shell shell;

  @Mixin
  private final WorkflowOptions workflow = new WorkflowOptions();

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "STAGE",
      description = "The stage (default: all stages).")
  private @Nullable String stage;

  @Mixin
  private final ResumeChoice resume = new ResumeChoice();

  ExplainCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return workflow.output;
  }

  @Override
  public Integer call() throws IOException {
    WorkflowOptions.Loaded loaded = workflow.load(shell);
    Plan plan = Checked.of(shell, loaded, loaded.options().build())
        .forShow(new Messages(shell, workflow.output));
    List<String> known = plan.stages().stream().map(PlannedStage::id).toList();
    if (stage != null && !known.contains(stage)) {
      throw new UsageException(
          "the workflow has no stage '" + stage + "'; " + Suggestions.didYouMean(stage, known));
    }
    if (resume.given()) {
      if (stage != null) {
        throw new UsageException(
            "with --resume, all stages are explained; leave '" + stage + "' out");
      }
      Path directory = resume.of(shell, plan.workflow().name());
      RunOptions options = loaded.options().resume(directory).build();
      shell.out().line(shell.library().explainResume(plan, options).toString());
      return ExitCode.DONE;
    }
    WorkflowFile.Language language = loaded.draft().language();
    if (language != null && stage == null) {
      shell.out().line("language: " + language.name() + " (" + language.decided() + ")\n");
    }
    List<String> asked = stage == null ? known : List.of(stage);
    shell
        .out()
        .line(asked.stream()
            .map(id -> shell.library().print(plan.explain(id)).stripTrailing())
            .collect(Collectors.joining("\n\n")));
    return ExitCode.DONE;
  }
}
