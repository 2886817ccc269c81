package dev.muster.cli;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.FailureKind;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.StageResult;
import dev.muster.run.TaskFailure;
import dev.muster.run.TaskResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes how a run ended: its status, its stages, the first failures, and what to do next. Pure. */
final class SummaryView {
  private static final int MAX_STAGES = 40;
  private static final int SLOWEST = 10;
  private static final int MAX_FAILED_STAGES = 20;
  private static final int MAX_FAILURES = 5;
  private static final int MAX_MESSAGE_LINES = 25;

  private final Plan plan;
  private final RunResult result;
  private final @Nullable Path directory;
  private final boolean keepGoing;
  private final Style style;
  private final List<String> lines = new ArrayList<>();

  private SummaryView(
      Plan plan, RunResult result, @Nullable Path directory, boolean keepGoing, Style style) {
    this.plan = plan;
    this.result = result;
    this.directory = directory;
    this.keepGoing = keepGoing;
    this.style = style;
  }

  /**
   * Writes the summary.
   *
   * @param directory the run's directory as the user should see it
   * @param keepGoing whether the run went on after failures
   */
  static List<String> render(
      Plan plan, RunResult result, @Nullable Path directory, boolean keepGoing, Style style) {
    SummaryView view = new SummaryView(plan, result, directory, keepGoing, style);
    view.headline();
    view.stages();
    view.failures();
    view.next();
    return view.lines;
  }

  /** Returns what a kind of failure is called. */
  static String words(FailureKind kind) {
    return switch (kind) {
      case OPERATION -> "failed";
      case TIMEOUT -> "timed out";
      case OUT_OF_MEMORY -> "ran out of memory";
      case SERIALIZATION -> "data could not be written or read";
      case WORKER_LOST -> "lost its worker";
      case WALLTIME -> "ran out of walltime";
      case PREEMPTED -> "was preempted";
      case ENVIRONMENT -> "has no environment";
      case CREDENTIAL -> "has no valid credential";
      case NETWORK -> "network failure";
      case BACKEND -> "backend failure";
      case CANCELLED -> "cancelled";
      case UPSTREAM -> "needs a failed task";
    };
  }

  private void headline() {
    String name = style.bold(Text.harmless(plan.workflow().name()));
    String time = Text.time(result.elapsed());
    String tasks = Text.count(plan.taskCount(), "task");
    switch (result.status()) {
      case SUCCEEDED ->
        lines.add(style.green(style.done()) + " " + name + " done: " + tasks + " in " + time);
      case INCOMPLETE ->
        lines.add(style.yellow(style.skipped()) + " " + name + " "
            + style.yellow("done with parts missing") + " after " + time + counts());
      case FAILED ->
        lines.add(style.red(style.failed()) + " " + name + " " + style.red("failed") + " after "
            + time + counts());
      case CANCELLED ->
        lines.add(style.yellow(style.skipped()) + " " + name + " " + style.yellow("cancelled")
            + " after " + time + counts());
    }
  }

  private String counts() {
    long succeeded = 0;
    long failed = 0;
    long skipped = 0;
    for (StageResult stage : result.stages().values()) {
      succeeded += stage.succeeded();
      failed += stage.failed();
      skipped += stage.skipped();
    }
    return ": of " + Text.count(plan.taskCount(), "task") + " " + succeeded + " done, " + failed
        + " failed, " + skipped + " skipped";
  }

  private void stages() {
    List<StageResult> shown = shownStages();
    if (shown.isEmpty()) {
      return;
    }
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"stage", "pool", "tasks", "failed", "skipped", "busy"});
    for (StageResult stage : shown) {
      int tasks = stage.succeeded() + stage.failed() + stage.skipped();
      rows.add(new String[] {
        Text.harmless(stage.id()),
        Snapshot.pools(plan.stage(stage.id())),
        Integer.toString(tasks),
        Integer.toString(stage.failed()),
        Integer.toString(stage.skipped()),
        Text.time(stage.busy())
      });
    }
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], Text.width(row[i]));
      }
    }
    lines.add("");
    for (int r = 0; r < rows.size(); r++) {
      String line = tableLine(rows.get(r), widths);
      boolean bad = r > 0 && shown.get(r - 1).failed() > 0;
      lines.add(r == 0 ? style.dim(line) : bad ? style.red(line) : line);
    }
    int rest = result.stages().size() - shown.size();
    if (rest > 0) {
      lines.add(style.dim("  and " + Text.count(rest, "more stage")));
    }
  }

  private static String tableLine(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder(" ");
    for (int i = 0; i < row.length; i++) {
      line.append(i == 0 ? " " : "  ");
      line.append(i < 2 ? Text.left(row[i], widths[i]) : Text.right(row[i], widths[i]));
    }
    return line.toString();
  }

  // All, or where they are many those that failed and those that took longest.
  private List<StageResult> shownStages() {
    List<StageResult> all = List.copyOf(result.stages().values());
    if (all.size() <= MAX_STAGES) {
      return all;
    }
    Set<String> chosen = new LinkedHashSet<>();
    all.stream()
        .filter(stage -> stage.failed() > 0)
        .limit(MAX_FAILED_STAGES)
        .forEach(stage -> chosen.add(stage.id()));
    all.stream()
        .sorted(Comparator.comparing(StageResult::busy).reversed())
        .limit(SLOWEST)
        .forEach(stage -> chosen.add(stage.id()));
    return all.stream().filter(stage -> chosen.contains(stage.id())).toList();
  }

  private void failures() {
    Throwable error = result.error();
    if (error != null) {
      lines.add("");
      String message = error.getMessage();
      message(message == null ? error.toString() : message);
    }
    List<TaskResult> failures = result.failures();
    if (result.status() == RunStatus.INCOMPLETE) {
      lines.add("");
      lines.add("missing, and tolerated by the stages that gather them:");
    }
    for (TaskResult task : failures.subList(0, Math.min(MAX_FAILURES, failures.size()))) {
      lines.add("");
      failure(task);
    }
    long failed =
        result.stages().values().stream().mapToLong(StageResult::failed).sum();
    long more = Math.max(failed, failures.size()) - Math.min(MAX_FAILURES, failures.size());
    if (more > 0 && !failures.isEmpty()) {
      lines.add("");
      lines.add(style.red("and " + Text.count(more, "more failed task")));
    }
  }

  private void failure(TaskResult task) {
    TaskFailure failure = task.failure();
    String words = failure == null ? "failed" : words(failure.kind());
    String where = task.pool() == null ? "" : " on " + Text.harmless(task.pool());
    String attempts = task.attempts() > 1 ? ", " + task.attempts() + " attempts" : "";
    lines.add(style.bold(Text.harmless(task.name())) + " " + style.red(words) + where + attempts);
    if (failure != null) {
      message(failure.message());
    }
  }

  private void message(String message) {
    List<String> text = Text.lines(message);
    int from = Math.max(0, text.size() - MAX_MESSAGE_LINES);
    if (from > 0) {
      lines.add("  " + style.dim(style.bar() + " " + text.get(0)));
      lines.add("  " + style.dim(style.bar() + " (" + Text.count(from, "line") + " left out)"));
      from++;
    }
    for (String line : text.subList(from, text.size())) {
      lines.add("  " + style.dim(style.bar()) + " " + line);
    }
  }

  private void next() {
    lines.add("");
    if (directory != null) {
      lines.add("run directory: " + Text.harmless(directory.toString()));
    }
    boolean incomplete = result.status() == RunStatus.INCOMPLETE;
    if (result.status() != RunStatus.FAILED && !incomplete) {
      return;
    }
    if (directory != null) {
      lines.add("logs:          " + Text.harmless(directory.resolve("logs").toString()));
    }
    String advice = result.failures().stream()
        .map(TaskResult::failure)
        .filter(failure -> failure != null)
        .map(failure -> advice(failure.kind()))
        .filter(text -> !text.isEmpty())
        .distinct()
        .limit(2)
        .collect(Collectors.joining("; "));
    if (!incomplete && !keepGoing && someWouldHaveGoneOn()) {
      advice +=
          (advice.isEmpty() ? "" : "; ") + "--keep-going runs all tasks that need no failed one";
    }
    if (!advice.isEmpty()) {
      lines.add("next:          " + advice);
    }
  }

  // Whether a stage was skipped that does not depend on one that failed.
  private boolean someWouldHaveGoneOn() {
    Set<Integer> behind = new HashSet<>();
    for (PlannedStage stage : plan.stagesInOrder()) {
      StageResult end = result.stages().get(stage.id());
      if (end == null) {
        continue;
      }
      if (end.failed() > 0 || behind.contains(stage.index())) {
        stage.outgoing().forEach(link -> behind.add(link.consumer()));
      } else if (end.skipped() > 0) {
        return true;
      }
    }
    return false;
  }

  private static String advice(FailureKind kind) {
    return switch (kind) {
      case TIMEOUT -> "raise the stage's timeout";
      case OUT_OF_MEMORY -> "give the pool more memory, or the stage a retry.escalate";
      case SERIALIZATION -> "return JSON values, bytes or files from the operation";
      case WORKER_LOST, PREEMPTED, NETWORK -> "give the stage a retry, or try again";
      case WALLTIME -> "raise the pool's walltime";
      case ENVIRONMENT -> "check execution.environment";
      case CREDENTIAL -> "renew the credential";
      case OPERATION, BACKEND, CANCELLED, UPSTREAM -> "";
    };
  }
}
