package dev.muster.cli;

import dev.muster.cli.Snapshot.Row;
import dev.muster.run.RunProgress.StageProgress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Draws the live progress display: a line for the run, then a line for each stage. Where the stages are more than the
 * rows, only those that are active are shown, and a line says how many are not.
 *
 * <p>Columns that do not fit are left out, the least important first. No line is wider than asked for. Pure.
 */
final class ProgressView {
  private static final int MAX_NAME = 28;
  private static final int MAX_POOLS = 18;
  private static final int MIN_BAR = 8;
  private static final int MAX_BAR = 24;
  private static final int MIN_NAME = 6;
  private static final int GAP = 2;

  private final Snapshot snapshot;
  private final int width;
  private final Style style;

  private ProgressView(Snapshot snapshot, int width, Style style) {
    this.snapshot = snapshot;
    this.width = Math.max(1, width);
    this.style = style;
  }

  /**
   * Draws.
   *
   * @param width the columns that lines may take
   * @param height the most lines, at least 2
   */
  static List<String> render(Snapshot snapshot, int width, int height, Style style) {
    return new ProgressView(snapshot, width, style).lines(Math.max(2, height));
  }

  private List<String> lines(int height) {
    List<String> lines = new ArrayList<>();
    lines.add(header());
    List<Row> rows = snapshot.rows();
    if (rows.size() <= height - 1) {
      addRows(rows, lines);
      return lines;
    }
    List<Row> shown = active(height - 2);
    addRows(shown, lines);
    lines.add(style.dim(Text.clip(folded(shown), width, style)));
    return lines;
  }

  private String header() {
    StageProgress total = snapshot.total();
    String clock = Text.clock(snapshot.elapsed());
    String counts = "  " + total.succeeded() + "/" + total.tasks() + state(total);
    String suffix = snapshot.stopping() ? ", stopping" : "";
    int room = width - Text.width(clock) - GAP;
    if (room < MIN_NAME) {
      return style.bold(Text.clip(clock, width, style));
    }
    String name = Text.clip(
        snapshot.workflow(),
        Math.max(MIN_NAME, room - Text.width(counts) - suffix.length()),
        style);
    String rest = Text.clip(counts + suffix, room - Text.width(name), style);
    int filler = room - Text.width(name) - Text.width(rest) + GAP;
    String gap = " ".repeat(filler);
    return style.bold(name) + rest + gap + style.dim(clock);
  }

  // Stages at work first, then those that failed, then those next in line; drawn in the author's
  // order.
  private List<Row> active(int limit) {
    Comparator<Row> order = Comparator.comparingInt(ProgressView::rank);
    List<Row> chosen =
        snapshot.rows().stream().sorted(order).limit(Math.max(0, limit)).toList();
    return snapshot.rows().stream().filter(chosen::contains).toList();
  }

  private static int rank(Row row) {
    if (row.progress().running() > 0) {
      return 0;
    }
    if (row.progress().failed() > 0) {
      return 1;
    }
    if (!row.over()) {
      return row.ended() > 0 ? 2 : 3;
    }
    return 4;
  }

  private String folded(List<Row> shown) {
    int done = 0;
    int active = 0;
    int waiting = 0;
    for (Row row : snapshot.rows()) {
      if (shown.contains(row)) {
        continue;
      }
      if (row.over()) {
        done++;
      } else if (row.progress().running() > 0 || row.ended() > 0) {
        active++;
      } else {
        waiting++;
      }
    }
    List<String> parts = new ArrayList<>(3);
    if (done > 0) {
      parts.add(done + " over");
    }
    if (active > 0) {
      parts.add(active + " at work");
    }
    if (waiting > 0) {
      parts.add(waiting + " waiting");
    }
    return "  " + Text.count(done + active + waiting, "more stage") + ": "
        + String.join(", ", parts);
  }

  private void addRows(List<Row> rows, List<String> lines) {
    Columns columns = columns(rows);
    for (Row row : rows) {
      lines.add(line(row, columns));
    }
  }

  /** The widths of the columns; 0 for one that is left out. */
  private record Columns(
      int name, int pools, int bar, int succeeded, int tasks, int state, int time) {
    int counts() {
      return succeeded + 1 + tasks;
    }
  }

  private Columns columns(List<Row> rows) {
    int name = MIN_NAME;
    int pools = 0;
    int succeeded = 1;
    int tasks = 1;
    int state = 0;
    int time = 0;
    for (Row row : rows) {
      name = Math.max(name, Text.width(row.id()));
      pools = Math.max(pools, Text.width(row.pools()));
      succeeded = Math.max(succeeded, digits(row.progress().succeeded()));
      tasks = Math.max(tasks, digits(row.progress().tasks()));
      state = Math.max(state, state(row.progress()).length());
      time = Math.max(time, time(row).length());
    }
    name = Math.min(name, MAX_NAME);
    pools = Math.min(pools, MAX_POOLS);
    // A mark and a space, the name, the counts: always there.
    int left = width - 2 - name - GAP - succeeded - 1 - tasks;
    if (left < 0) {
      name = Math.max(1, name + left);
      left = 0;
    }
    int stateTaken = state > 0 && left >= state ? state : 0;
    left -= stateTaken;
    int bar = left >= GAP + MIN_BAR ? MIN_BAR : 0;
    left -= bar == 0 ? 0 : GAP + MIN_BAR;
    int timeTaken = time > 0 && left >= GAP + time ? time : 0;
    left -= timeTaken == 0 ? 0 : GAP + time;
    int poolsTaken = pools > 0 && left >= GAP + pools ? pools : 0;
    left -= poolsTaken == 0 ? 0 : GAP + pools;
    bar = bar == 0 ? 0 : Math.min(MAX_BAR, bar + left);
    return new Columns(name, poolsTaken, bar, succeeded, tasks, stateTaken, timeTaken);
  }

  private String line(Row row, Columns columns) {
    StringBuilder line = new StringBuilder();
    line.append(mark(row)).append(' ');
    line.append(Text.left(Text.clip(row.id(), columns.name, style), columns.name));
    if (columns.pools > 0) {
      String pools = Text.left(Text.clip(row.pools(), columns.pools, style), columns.pools);
      line.append("  ").append(style.dim(pools));
    }
    if (columns.bar > 0) {
      line.append("  ").append(bar(row, columns.bar));
    }
    line.append("  ");
    line.append(Text.right(Integer.toString(row.progress().succeeded()), columns.succeeded));
    line.append('/');
    String tasks = Integer.toString(row.progress().tasks());
    String state = columns.state == 0 ? "" : state(row.progress());
    String time = columns.time == 0 ? "" : time(row);
    if (state.isEmpty() && time.isEmpty()) {
      line.append(tasks);
    } else {
      line.append(Text.left(tasks, columns.tasks));
      String padded = time.isEmpty() ? state : Text.left(state, columns.state);
      line.append(row.progress().failed() > 0 ? style.red(padded) : padded);
    }
    if (!time.isEmpty()) {
      line.append("  ").append(style.dim(Text.right(time, columns.time)));
    }
    String text = line.toString();
    // Where not even name and counts fit, colour is not worth the care.
    boolean fits = 2 + columns.name + GAP + columns.counts() <= width;
    return fits ? text : Text.clip(Text.harmless(text), width, style);
  }

  private String mark(Row row) {
    StageProgress progress = row.progress();
    if (progress.failed() > 0) {
      return style.red(style.failed());
    }
    if (row.over()) {
      boolean skipped = progress.succeeded() == 0 && progress.skipped() > 0;
      return skipped ? style.dim(style.skipped()) : style.green(style.done());
    }
    return progress.running() > 0 ? style.cyan(style.running()) : style.dim(style.waiting());
  }

  private String bar(Row row, int columns) {
    int tasks = row.progress().tasks();
    int filled = tasks == 0 ? columns : (int) ((long) columns * row.ended() / tasks);
    String full = style.full(filled);
    String colored = row.progress().failed() > 0
        ? style.red(full)
        : row.over() ? style.green(full) : style.cyan(full);
    return colored + style.dim(style.empty(columns - filled));
  }

  private static int digits(int number) {
    return Integer.toString(number).length();
  }

  private static String state(StageProgress progress) {
    StringBuilder state = new StringBuilder();
    part(state, progress.running(), " running");
    part(state, progress.failed(), " failed");
    part(state, progress.skipped(), " skipped");
    return state.isEmpty() ? "" : "  " + state;
  }

  private static void part(StringBuilder state, int number, String what) {
    if (number > 0) {
      state.append(state.isEmpty() ? "" : ", ").append(number).append(what);
    }
  }

  private static String time(Row row) {
    return row.elapsed() == null ? "" : Text.clock(row.elapsed());
  }
}
