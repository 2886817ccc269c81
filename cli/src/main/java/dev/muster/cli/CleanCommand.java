package dev.muster.cli;

import dev.muster.Runs;
import dev.muster.resource.Walltime;
import dev.muster.run.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster clean}: removes runs that are over. */
@Command(
    name = "clean",
    description = "Remove the directories of runs that are over.",
    footer = {
      "",
      "A run that is under way, here or elsewhere, and a folder that is not certainly",
      "the directory of a run of yours and of nothing else, stays, and is named. Links",
      "are not followed.",
      "",
      "Exit codes: 0 done, 1 something could not be removed, 2 wrong usage.",
      "",
      "Examples:",
      "  muster clean --dry-run",
      "  muster clean --older 7d --keep-results",
      "  muster clean .muster/runs/dimuon-20260131-101500"
    })
final class CleanCommand implements Callable<Integer>, Main.Talking {
  private static final Duration OLD = Duration.ofDays(30);

  private final Shell shell;

  @Parameters(
      arity = "0..*",
      paramLabel = "RUN",
      description = {
        "Runs to remove, whatever their age, or a folder",
        "with runs (default: those in .muster/runs)."
      })
  private List<String> places = new ArrayList<>();

  @Option(
      names = "--older",
      paramLabel = "TIME",
      description = {
        "Only runs in which nothing has happened for so",
        "long, for example 30d (default) or 12h."
      },
      order = 11)
  private @Nullable String older;

  @Option(
      names = "--keep-results",
      description = {
        "Keep the record of each run, and the folders of",
        "the stages for whose outputs no other stage waits."
      },
      order = 12)
  private boolean keepResults;

  @Option(names = "--dry-run", description = "Only say what would be removed.", order = 13)
  private boolean dryRun;

  @Mixin
  private final OutputOptions output = new OutputOptions();

  CleanCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return output;
  }

  @Override
  public Integer call() throws IOException {
    Instant before = before();
    List<RunRemoval> removals = new ArrayList<>();
    boolean refused = false;
    for (String place : places.isEmpty() ? List.of("") : places) {
      Path named = named(place);
      if (named != null) {
        removals.add(new RunRemoval(RunChoice.summary(named), keepResults));
        refused |= !removals.get(removals.size() - 1).isAllowed();
        continue;
      }
      Path folder = RunsCommand.place(shell, place.isEmpty() ? null : place);
      for (RunSummary run : Files.isDirectory(folder) ? Runs.list(folder) : List.<RunSummary>of()) {
        Instant last = run.last() == null ? run.started() : run.last();
        if (last == null || last.isBefore(before)) {
          removals.add(new RunRemoval(run, keepResults));
        }
      }
    }
    return carryOut(removals) || refused ? ExitCode.FAILED : ExitCode.DONE;
  }

  private Instant before() {
    try {
      Duration age = older == null ? OLD : Walltime.parse(older);
      return shell.clock().instant().minus(age);
    } catch (IllegalArgumentException | ArithmeticException | java.time.DateTimeException e) {
      throw new UsageException("--older: " + e.getMessage());
    }
  }

  /** Returns the directory of a run that is named, or null if it is a folder with runs, or none is. */
  private @Nullable Path named(String place) {
    if (place.isBlank()) {
      return null;
    }
    for (Path path : List.of(
        shell.directory().resolve(place).normalize(),
        shell.directory().resolve(RunChoice.RUNS).resolve(place).normalize())) {
      if (Files.isSymbolicLink(path)) {
        throw new UsageException(path + " is a link, which is not followed; name the run itself");
      }
      if (Files.exists(path.resolve("format"), LinkOption.NOFOLLOW_LINKS)
          || Files.exists(path.resolve("journal"), LinkOption.NOFOLLOW_LINKS)) {
        if (older != null) {
          throw new UsageException("--older is for folders with runs; " + path + " is one run");
        }
        return path;
      }
    }
    return null;
  }

  private boolean carryOut(List<RunRemoval> removals) throws IOException {
    long bytes = 0;
    int count = 0;
    boolean failed = false;
    for (RunRemoval removal : removals) {
      Path directory = removal.run().directory();
      String name = Text.harmless(shell.shown(directory).toString());
      String why = removal.refused();
      RunRemoval.Freed freed = why == null ? removal.carryOut(dryRun) : null;
      if (freed == null) {
        shell.err().print("kept " + name + ": " + why);
        continue;
      }
      bytes += freed.bytes();
      count += freed.files() > 0 ? 1 : 0;
      if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        RunDirectory.unlink(directory);
      }
      for (String problem : freed.problems()) {
        shell.err().print("not removed: " + Text.harmless(problem));
        failed = true;
      }
      if (!output.quiet && freed.files() > 0) {
        shell
            .out()
            .line((dryRun ? "would remove " : "removed ") + (keepResults ? "from " : "") + name
                + ": " + Text.size(freed.bytes()));
      }
    }
    if (!output.quiet) {
      shell
          .out()
          .line((dryRun ? "would free " : "freed ") + Text.size(bytes) + " of "
              + Text.count(count, "run"));
    }
    return failed;
  }
}
