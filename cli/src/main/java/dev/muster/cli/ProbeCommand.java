package dev.muster.cli;

import dev.muster.plan.Plan;
import dev.muster.probe.Finding;
import dev.muster.probe.ProbeReport;
import dev.muster.resource.Walltime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code muster probe}: tries out a site, one short job for each pool. */
@Command(
    name = "probe",
    description = "Try out the site of a workflow, one short job for each pool.",
    footer = {
      "",
      "Exit codes: 0 the site can run the workflow, 1 it cannot, 2 wrong usage or workflow.",
      "",
      "Examples:",
      "  muster probe dimuon.yaml --backend dask --strategy slurm",
      "  muster probe dimuon.yaml --json | jq '.findings[] | select(.outcome == \"bad\")'"
    })
final class ProbeCommand implements Callable<Integer>, Main.Talking {
  private static final int DELETIONS = 50;
  private static final long DELETION_PAUSE_MILLIS = 100;

  private final Shell shell;

  @Mixin
  private final WorkflowOptions workflow = new WorkflowOptions();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "2m",
      converter = TimeConverter.class,
      description = "How long a job may take to start (default: 2m).",
      order = 10)
  private Duration timeout = Duration.ofMinutes(2);

  @Option(names = "--json", description = "Print what was found as JSON.", order = 11)
  private boolean json;

  ProbeCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return workflow.output;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    WorkflowOptions.Loaded loaded = workflow.load(shell);
    Plan plan = shell.library().check(loaded.draft(), loaded.options().build()).orThrow();
    new Messages(shell, workflow.output).warnings(plan.warnings());
    Path directory = RunDirectory.create(
        shell.directory(), "probe-" + plan.workflow().name(), LocalDateTime.now(shell.clock()));
    Style style = shell.terminal().style(shell.terminal().out(), workflow.output.color);
    int columns = plan.execution().execution().pools().keySet().stream()
        .mapToInt(Text::width)
        .max()
        .orElse(0);
    ProbeReport report = shell
        .library()
        .probe(
            plan,
            loaded.options().directory(directory).build(),
            timeout,
            finding -> show(finding, Math.max(4, columns), style));
    if (json) {
      shell.out().line(ProbeView.json(report));
    } else if (!workflow.output.quiet || !report.good()) {
      shell.out().line(ProbeView.verdict(report, style));
    }
    if (report.good()) {
      delete(directory);
    } else if (!json) {
      shell.err().print("logs: " + Text.harmless(directory.toString()));
    }
    return report.good() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void show(Finding finding, int columns, Style style) {
    if (!json && (!workflow.output.quiet || finding.outcome() == Finding.Outcome.BAD)) {
      ProbeView.line(finding, columns, style).forEach(shell.out()::line);
    }
  }

  // Jobs that have just been cancelled may still write what they leave, such as their exit codes.
  private void delete(Path directory) throws IOException, InterruptedException {
    for (int again = DELETIONS; !deleted(directory); again--) {
      if (again == 0) {
        shell
            .err()
            .print("not all of " + Text.harmless(directory.toString())
                + " could be deleted: jobs of the probe still write to it");
        return;
      }
      Thread.sleep(DELETION_PAUSE_MILLIS);
    }
  }

  private static boolean deleted(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
      return true;
    } catch (DirectoryNotEmptyException e) {
      return false;
    } catch (UncheckedIOException e) { // something went while it was looked for
      if (e.getCause() instanceof NoSuchFileException) {
        return false;
      }
      throw e.getCause();
    }
  }

  /** Reads a time. */
  static final class TimeConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String word) {
      try {
        return Walltime.parse(word);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("expected a time such as 90s or 5m, got '" + word + "'");
      }
    }
  }
}
