package dev.muster.cli;

import dev.muster.Runs;
import dev.muster.run.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster runs}: lists runs. */
@Command(
    name = "runs",
    description = "List runs: how each stands, its size and its age.",
    footer = {
      "",
      "running    a process of this host has it",
      "elsewhere  a process of another host, boot or container has it, or had it",
      "succeeded, failed, cancelled",
      "killed     its process is gone and did not end it",
      "unknown    its directory cannot be read, or does not say",
      "",
      "Examples:",
      "  muster runs",
      "  muster runs /scratch/me/runs --json | jq -r '.[] | select(.state == \"killed\").directory'"
    })
final class RunsCommand implements Callable<Integer>, Main.Talking {
  /** How many files of a run are looked at to tell its size. */
  private static final long MOST_FILES = 20_000;

  private final Shell shell;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FOLDER",
      description = "The folder with the directories of runs (default: .muster/runs).")
  private @Nullable String folder;

  @Option(names = "--json", description = "Print the runs as JSON.", order = 11)
  private boolean json;

  @Mixin
  private final OutputOptions output = new OutputOptions();

  RunsCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return output;
  }

  @Override
  public Integer call() throws IOException {
    Path place = place(shell, folder);
    List<RunSummary> runs = Files.isDirectory(place) ? Runs.list(place) : List.of();
    Map<RunSummary, RunTree> sizes = new LinkedHashMap<>();
    for (RunSummary run : runs) {
      sizes.put(run, RunTree.of(run.directory(), MOST_FILES));
    }
    if (json) {
      shell.out().line(RunsView.json(sizes));
    } else if (!runs.isEmpty()) {
      RunsView.lines(sizes, shell.clock().instant()).forEach(shell.out()::line);
    } else if (!output.quiet) {
      shell.err().print("there are no runs in " + Text.harmless(place.toString()));
    }
    return ExitCode.DONE;
  }

  /** Returns the folder with runs that was given, or {@code .muster/runs}; the default need not be there. */
  static Path place(Shell shell, @Nullable String folder) {
    if (folder == null) {
      return shell.directory().resolve(RunChoice.RUNS);
    }
    Path given = shell.directory().resolve(folder).normalize();
    if (folder.isBlank() || !Files.isDirectory(given)) {
      throw new UsageException("there is no folder '" + folder + "'");
    }
    if (Files.exists(given.resolve("journal"), LinkOption.NOFOLLOW_LINKS)) {
      throw new UsageException(
          given + " is the directory of one run; 'muster status' tells about it");
    }
    Path below = given.resolve(RunChoice.RUNS);
    return Files.isDirectory(below) ? below : given;
  }
}
