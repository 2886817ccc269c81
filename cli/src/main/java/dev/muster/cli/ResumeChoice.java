package dev.muster.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names the run to go on from. */
final class ResumeChoice {
  private static final String NAME = "--resume";

  @Option(
      names = NAME,
      arity = "0..1",
      paramLabel = "DIR",
      description = {
        "Go on from the run in DIR: what it has done and has not",
        "changed does not run. Alone: from the latest run of this",
        "workflow below .muster/runs."
      },
      order = 20)
  private @Nullable String directory;

  /**
   * Returns arguments in which an option alone has an empty value, so that the word behind it is not taken for its
   * value.
   */
  static String[] attached(String... arguments) {
    String[] made = arguments.clone();
    for (int i = 0; i < made.length && !made[i].equals("--"); i++) {
      if (made[i].equals(NAME)) {
        made[i] = NAME + "=";
      }
    }
    return made;
  }

  /** Returns an argument, or this option with a directory in its place. */
  static String of(String argument, Path directory) {
    return argument.equals(NAME) || argument.startsWith(NAME + "=")
        ? NAME + "=" + directory
        : argument;
  }

  boolean given() {
    return directory != null;
  }

  /** Returns the directory of the run to go on from. */
  Path of(Shell shell, String workflow) throws IOException {
    if (directory != null && !directory.isBlank()) {
      return shell.directory().resolve(directory);
    }
    Path latest = RunDirectory.latest(shell.directory(), workflow);
    if (latest == null) {
      throw new UsageException("there is no run of the workflow '" + Text.harmless(workflow)
          + "' below .muster/runs to go on from; name one: --resume=DIR");
    }
    return latest;
  }
}
