package dev.muster.internal.rundir;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the folders of a run's tasks by their names. Immutable and thread-safe.
 *
 * @param run the run's directory
 * @param plan its plan
 */
public record TaskFolders(Path run, RecordedPlan plan) {
  private static final Pattern PARTITION = Pattern.compile("(.+)(\\.[0-9]+)", Pattern.DOTALL);
  private static final int LISTED = 10;

  /** Returns the folder of a task, or null if there is none. */
  public @Nullable Path of(String task) {
    return plan.stages().stream()
        .flatMap(stage -> places(stage.id(), task))
        .filter(folder -> Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS))
        .findFirst()
        .orElse(null);
  }

  private Stream<Path> places(String stage, String task) {
    Path folder = run.resolve(RunLayout.fileName(stage));
    if (task.equals(stage)) {
      return Stream.of(folder);
    }
    if (!task.startsWith(stage + "/")) {
      return Stream.empty();
    }
    String rest = task.substring(stage.length() + 1);
    Matcher partition = PARTITION.matcher(rest);
    Stream<Path> whole = Stream.of(folder.resolve(RunLayout.fileName(rest)));
    return partition.matches()
        ? Stream.concat(
            Stream.of(folder.resolve(RunLayout.fileName(partition.group(1)) + partition.group(2))),
            whole)
        : whole;
  }

  /** Returns what a task printed, where that is not empty: standard error first. */
  public static List<Path> printed(Path folder) {
    return Stream.of("stderr", "stdout", "outputs/stderr", "outputs/stdout")
        .map(folder::resolve)
        .filter(LogFile::hasText)
        .toList();
  }

  /** Returns the file with the failed attempts of a task and their stack traces. */
  public static Path errors(Path folder) {
    return folder.resolve("errors");
  }

  /** Says that there is no such task, and which stages there are. */
  public String unknown(String task) {
    String stages = plan.stages().stream()
        .limit(LISTED)
        .map(RecordedPlan.Stage::id)
        .collect(Collectors.joining(", "));
    return "the run has no task '" + task
        + "' that has started; a task is named STAGE, STAGE/DATASET or"
        + " STAGE/DATASET.NUMBER, and the stages are " + stages
        + (plan.stages().size() > LISTED ? ", and more" : "");
  }
}
