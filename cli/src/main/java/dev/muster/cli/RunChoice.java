package dev.muster.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The argument of commands that are about a run, and the options that say how they talk. */
final class RunChoice {
  private static final Path RUNS = Path.of(".muster", "runs");

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
}
