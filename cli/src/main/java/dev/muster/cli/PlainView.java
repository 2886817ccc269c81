package dev.muster.cli;

import dev.muster.cli.Snapshot.Row;
import dev.muster.run.RunEvent;
import dev.muster.run.RunProgress.StageProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes what happens in a run as plain lines, each behind the time since the run began. Pure. */
final class PlainView {
  private static final int LISTED = 4;

  private PlainView() {}

  /**
   * Returns the lines that tell of an event; none for one that is not worth a line.
   *
   * @param pools the pools of a stage, by its id
   * @param took how long a stage took, by its id
   */
  static List<String> event(
      RunEvent event,
      Duration at,
      Function<String, String> pools,
      Function<String, Duration> took,
      Style style) {
    String prefix = prefix(at, style);
    if (event instanceof RunEvent.RunStarted run) {
      return List.of(prefix + style.bold(Text.harmless(run.workflow())) + ": "
          + Text.count(run.tasks(), "task"));
    }
    if (event instanceof RunEvent.StageStarted stage) {
      return List.of(prefix + Text.harmless(stage.stage()) + ": started, "
          + Text.count(stage.tasks(), "task") + " on " + Text.harmless(pools.apply(stage.stage())));
    }
    if (event instanceof RunEvent.StageFinished stage) {
      return List.of(prefix + finished(stage, took.apply(stage.stage()), style));
    }
    if (event instanceof RunEvent.TaskFailed failed) {
      return failed(failed, prefix, style);
    }
    if (event instanceof RunEvent.InputsMissing gather) {
      return List.of(prefix
          + style.yellow(Text.harmless(gather.name()) + " goes on without "
              + gather.missing() + " of " + gather.gathered() + ": "
              + Text.harmless(listed(gather.names(), gather.missing()))));
    }
    if (event instanceof RunEvent.Notice notice) {
      return Text.lines(notice.message()).stream().map(line -> prefix + line).toList();
    }
    if (event instanceof RunEvent.WorkerEnded worker && worker.reason() != null) {
      return List.of(prefix
          + style.yellow("worker " + Text.harmless(worker.worker() + " of " + worker.pool())
              + " ended: " + Text.firstLine(worker.reason())));
    }
    return List.of();
  }

  private static String listed(List<String> names, int all) {
    int shown = Math.min(LISTED, names.size());
    return String.join(", ", names.subList(0, shown))
        + (all > shown ? " and " + (all - shown) + " more" : "");
  }

  private static String finished(RunEvent.StageFinished stage, Duration took, Style style) {
    String after = " in " + Text.time(took);
    if (stage.failed() == 0 && stage.skipped() == 0) {
      return Text.harmless(stage.stage()) + ": " + style.green("done") + ", "
          + Text.count(stage.succeeded(), "task") + after;
    }
    if (stage.failed() == 0 && stage.succeeded() == 0) {
      return stage.stage() + ": skipped";
    }
    List<String> parts = new ArrayList<>(3);
    if (stage.failed() > 0) {
      parts.add(style.red(stage.failed() + " failed"));
    }
    parts.add(stage.succeeded() + " done");
    if (stage.skipped() > 0) {
      parts.add(stage.skipped() + " skipped");
    }
    return Text.harmless(stage.stage()) + ": " + String.join(", ", parts) + after;
  }

  private static List<String> failed(RunEvent.TaskFailed failed, String prefix, Style style) {
    List<String> lines = new ArrayList<>();
    String what = Text.harmless(failed.name()) + ": " + SummaryView.words(failed.kind())
        + ", attempt " + failed.attempt();
    Duration retryAfter = failed.retryAfter();
    if (retryAfter != null) {
      String when = retryAfter.isZero() ? "now" : "in " + Text.time(retryAfter);
      lines.add(prefix + style.yellow(what + "; again " + when) + ": "
          + Text.firstLine(failed.message()));
      return lines;
    }
    lines.add(prefix + style.red(what));
    for (String line : Text.lines(failed.message())) {
      lines.add("    " + style.dim(style.bar()) + " " + line);
    }
    return lines;
  }

  /** Returns the line that says that the run is still at work. */
  static String heartbeat(Snapshot snapshot, Style style) {
    StageProgress total = snapshot.total();
    StringBuilder line = new StringBuilder(prefix(snapshot.elapsed(), style));
    line.append(total.succeeded())
        .append(" of ")
        .append(Text.count(total.tasks(), "task"))
        .append(" done");
    line.append(", ").append(total.running()).append(" running");
    if (total.failed() > 0) {
      line.append(", ").append(total.failed()).append(" failed");
    }
    List<Row> active =
        snapshot.rows().stream().filter(row -> row.progress().running() > 0).toList();
    if (!active.isEmpty()) {
      String listed = active.stream()
          .limit(LISTED)
          .map(row -> Text.harmless(row.id()) + " " + row.progress().succeeded() + "/"
              + row.progress().tasks())
          .collect(Collectors.joining(", "));
      line.append(" (").append(listed);
      line.append(
          active.size() > LISTED
              ? ", and " + Text.count(active.size() - LISTED, "more stage")
              : "");
      line.append(')');
    }
    return line.toString();
  }

  static String prefix(Duration at, Style style) {
    return style.dim("[" + Text.clock(at) + "]") + " ";
  }
}
