package dev.muster.cli;

import dev.muster.report.Report;
import dev.muster.run.RunSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster report}: writes the report of a run. */
@Command(
    name = "report",
    description = "Write what happened in a run as a page for a browser.",
    footer = {
      "",
      "A run writes its report when it ends, unless 'execution.report' is false. This",
      "writes it anew: of a run that was killed, or is under way here or elsewhere.",
      "",
      "Exit codes: 0 written, 1 it cannot be written or read, 2 there is no such run.",
      "",
      "Examples:",
      "  muster report latest",
      "  muster report .muster/runs/dimuon-20260131-101500 -o /tmp/dimuon.html"
    })
final class ReportCommand implements Callable<Integer>, Main.Talking {
  private final Shell shell;

  @Mixin
  private final RunChoice run = new RunChoice();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "PAGE",
      description = "The file (default: report.html in the run's directory).",
      order = 11)
  private @Nullable Path page;

  ReportCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return run.output;
  }

  @Override
  public Integer call() {
    RunSummary summary = run.summary(shell);
    Path file = page == null
        ? summary.directory().resolve(Report.NAME)
        : shell.directory().resolve(page).normalize();
    if (page != null && (page.toString().isBlank() || Files.isDirectory(file))) {
      throw new UsageException(
          "--output names no file: '" + page + "'; write for example -o report.html");
    }
    Path folder = file.getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new UsageException("there is no folder " + folder + " for the report");
    }
    Report.write(summary.directory(), file);
    shell.out().line(Text.harmless(shell.shown(file).toString()));
    return ExitCode.DONE;
  }
}
