package dev.muster.batch.internal.local;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.StrategyContext;
import dev.muster.batch.spi.Submission;
import dev.muster.code.ShellWords;
import dev.muster.execution.Staging;
import dev.muster.internal.process.MemoryKills;
import dev.muster.internal.process.ProcessTree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The built-in strategy {@code local}: jobs are child processes of this JVM.
 *
 * <p>Option: {@code walltime}, after which a job is ended; none by default. Thread-safe.
 */
public final class LocalStrategy implements Strategy {
  private static final String WALLTIME = "walltime";

  @Override
  public String name() {
    return "local";
  }

  @Override
  public BatchSystem open(StrategyContext context) {
    Path scripts = context.directory().resolve("jobs");
    LocalProcesses children = new LocalProcesses(
        context.runId(),
        ProcessTree.DEFAULT_GRACE,
        walltime(JobOptions.of(context.config())),
        scripts,
        MemoryKills::count);
    return new LastingProcesses(
        children,
        () -> context.system(new DetachedDialect(scripts.toAbsolutePath().normalize())));
  }

  @Override
  public boolean lasting() {
    return true;
  }

  @Override
  public Set<String> options() {
    return Set.of(WALLTIME);
  }

  @Override
  public Submission preview(JobSpec spec, int copies, String tag, Path directory) {
    Duration unused = walltime(JobOptions.of(spec));
    spec.requireOneNode("strategy local starts jobs on this host alone");
    if (!scripted(spec)) {
      return new Submission(spec.command(), Map.of(), null);
    }
    Path script = script(directory, tag);
    return new Submission(command(script), Map.of(script, text(spec, tag, directory)), null);
  }

  /** Tells whether a job needs a script. */
  static boolean scripted(JobSpec spec) {
    return !spec.setup().isEmpty()
        || (spec.staging() == Staging.TRANSFER && !spec.unless().isEmpty());
  }

  /** Returns the script of a submission. */
  static Path script(Path directory, String tag) {
    return directory.resolve(tag + ".sh");
  }

  /** Returns the command that runs a script. */
  static List<String> command(Path script) {
    return List.of("bash", script.toString());
  }

  /** Returns the text of a job's script; each copy finds its number in its environment. */
  static String text(JobSpec spec, String tag, Path directory) {
    return JobScript.of(spec, tag, directory)
        .index("$" + JobScript.INDEX_VARIABLE)
        .arrival(arrival(spec))
        .text();
  }

  /** It starts in the folder that has its files, but for those that it may be able to do without. */
  private static List<String> arrival(JobSpec spec) {
    List<String> lines = new ArrayList<>();
    for (Path file : spec.unless().keySet()) {
      String copy = "cp -p -- " + ShellWords.quote(file.toString()) + " . || exit "
          + JobScript.ARRIVAL_FAILED;
      lines.addAll(JobScript.ask(spec, file, List.of(), List.of(copy)));
    }
    return lines;
  }

  /**
   * Returns how long a job may run, or null if it may for ever.
   *
   * @throws dev.muster.error.MusterException if the option is no time or no time at all
   */
  static @Nullable Duration walltime(JobOptions options) {
    Duration walltime = options.duration(WALLTIME);
    if (walltime != null && walltime.isZero()) {
      throw options.wrong(WALLTIME, "more than no time");
    }
    return walltime;
  }
}
