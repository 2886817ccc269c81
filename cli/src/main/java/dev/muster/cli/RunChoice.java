package dev.muster.cli;

import dev.muster.Runs;
import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.run.RunState;
import dev.muster.run.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The argument of commands that are about a run, and the options that say how they talk. */
final class RunChoice {
  /** Where runs lie by default. */
  static final Path RUNS = Path.of(".muster", "runs");

  @Parameters(
      index = "0",
      paramLabel = "RUN",
      description = "The run: its directory, or its name in .muster/runs.")
  private String run = "";

  @Mixin
  final OutputOptions output = new OutputOptions();

  /** Returns the run's directory. */
  Path directory(Shell shell) {
    Path given = shell.directory().resolve(run).normalize();
    Path named = shell.directory().resolve(RUNS).resolve(run).normalize();
    if (!Files.isDirectory(given) && !Files.isDirectory(named)) {
      throw new UsageException(
          "there is no run '" + run + "': neither " + given + " nor " + named + " is a folder");
    }
    return Files.isDirectory(given) ? given : named;
  }

  /** Returns what the run's directory says; a directory that is none of a run is wrong usage. */
  RunSummary summary(Shell shell) {
    return summary(directory(shell));
  }

  /** Returns what a run's directory says; one that is none of a run is wrong usage. */
  static RunSummary summary(Path directory) {
    RunSummary found;
    try {
      found = Runs.of(directory.toRealPath()); // "latest" is a link
    } catch (MusterException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw IoErrors.unchecked("the run cannot be read", e);
    }
    if (found.state() == RunState.UNKNOWN && found.run() == null && found.detail() != null) {
      throw new MusterException("the run " + directory + " is not readable: " + found.detail());
    }
    return found;
  }
}
