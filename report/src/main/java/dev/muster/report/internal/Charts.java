package dev.muster.report.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the page's charts show of a run, in a size that does not grow with it. Pure. */
final class Charts {
  /** How many points of time there are. */
  static final int BINS = 240;

  /** How many stages have a colour of their own. */
  static final int COLOURED = 8;

  private static final int MOST_ROWS = 100;
  private static final int MOST_BARS = 20_000;

  private Charts() {}

  /** How many tasks ran at each time. */
  static final class Load {
    /** The seconds between two points. */
    final double step;
    /** The numbers of the stages with a colour, those whose tasks took longest first. */
    final int[] stages;
    /** The tasks of each of them, then those of all others: at each time their mean until the next. */
    final float[][] series;

    private Load(double step, int[] stages, float[][] series) {
      this.step = step;
      this.stages = stages;
      this.series = series;
    }
  }

  /**
   * A bar of the timeline: attempts of a stage one after another, with no gap that could be seen.
   *
   * @param row the row in the timeline
   * @param stage the stage's number
   * @param how how they ended
   * @param start when the first began, in microseconds
   * @param end when the last ended
   * @param count how many they are
   */
  record Bar(int row, int stage, Attempts.End how, long start, long end, int count) {}

  /** What workers did. */
  static final class Timeline {
    /** The numbers of the rows that are shown. */
    final int[] rows;
    /** How many others there are. */
    final int left;
    /** The bars; their rows count from 0 in {@link #rows}. */
    final List<Bar> bars;

    private Timeline(int[] rows, int left, List<Bar> bars) {
      this.rows = rows;
      this.left = left;
      this.bars = bars;
    }
  }

  /** Returns how many tasks ran at each time. */
  static Load load(History history) {
    int count = history.stages().size();
    double[] busy = new double[count];
    Attempts attempts = history.attempts();
    long now = history.now();
    for (int i = 0; i < attempts.size(); i++) {
      busy[attempts.stage(i)] += attempts.end(i, now) - attempts.start(i);
    }
    int[] stages = IntStream.range(0, count)
        .filter(stage -> busy[stage] > 0)
        .boxed()
        .sorted(Comparator.comparingDouble(stage -> -busy[stage]))
        .limit(COLOURED)
        .mapToInt(stage -> stage)
        .toArray();
    int[] series = new int[count];
    Arrays.fill(series, stages.length);
    for (int i = 0; i < stages.length; i++) {
      series[stages[i]] = i;
    }
    double step = Math.max(1, now) / (double) BINS; // microseconds
    double[][] sums = new double[stages.length + 1][BINS];
    for (int i = 0; i < attempts.size(); i++) {
      add(sums[series[attempts.stage(i)]], attempts.start(i) / step, attempts.end(i, now) / step);
    }
    float[][] means = new float[stages.length + 1][BINS];
    for (int i = 0; i < means.length; i++) {
      for (int bin = 0; bin < BINS; bin++) {
        means[i][bin] = (float) sums[i][bin];
      }
    }
    return new Load(step / 1e6, stages, means);
  }

  private static void add(double[] sums, double from, double to) {
    int first = (int) Math.min(BINS - 1.0, from);
    int last = (int) Math.min(BINS - 1.0, to);
    for (int bin = first; bin <= last; bin++) {
      sums[bin] += Math.min(to, bin + 1.0) - Math.max(from, bin);
    }
  }

  /** Returns what workers did, those that did most. */
  static Timeline timeline(History history) {
    Attempts attempts = history.attempts();
    Workers workers = history.workers();
    long now = Math.max(1, history.now());
    long[] busy = new long[workers.rows()];
    for (int i = 0; i < attempts.size(); i++) {
      busy[attempts.row(i)] += attempts.end(i, now) - attempts.start(i) + 1;
    }
    int[] rows = IntStream.range(0, busy.length)
        .boxed()
        .sorted(Comparator.comparingLong(row -> -busy[row]))
        .limit(MOST_ROWS)
        .sorted(Comparator.comparing((Integer row) -> workers.row(row).pool())
            .thenComparingInt(row -> row))
        .mapToInt(row -> row)
        .toArray();
    int[] places = new int[busy.length];
    Arrays.fill(places, -1);
    for (int i = 0; i < rows.length; i++) {
      places[rows[i]] = i;
    }
    long gap = now / 2000;
    List<Bar> bars = bars(attempts, places, rows.length, now, gap);
    while (bars.size() > MOST_BARS) {
      gap = Math.max(1, gap * 2);
      bars = bars(attempts, places, rows.length, now, gap);
    }
    return new Timeline(rows, busy.length - rows.length, bars);
  }

  private static List<Bar> bars(Attempts attempts, int[] places, int rows, long now, long gap) {
    List<Bar> bars = new ArrayList<>();
    @Nullable Bar[] open = new Bar[rows];
    for (int i = 0; i < attempts.size(); i++) { // in the order in which they started
      int row = places[attempts.row(i)];
      if (row < 0) {
        continue;
      }
      long start = attempts.start(i);
      long end = attempts.end(i, now);
      Bar before = open[row];
      if (before != null && joins(before, attempts, i, gap)) {
        open[row] = new Bar(
            row,
            before.stage,
            before.how,
            before.start,
            Math.max(before.end, end),
            before.count + 1);
      } else {
        if (before != null) {
          bars.add(before);
        }
        open[row] = new Bar(row, attempts.stage(i), attempts.how(i), start, end, 1);
      }
    }
    for (Bar last : open) {
      if (last != null) {
        bars.add(last);
      }
    }
    return bars;
  }

  /** Tells whether an attempt joins a bar: of the same stage, ended alike, right after it, and both too thin to see. */
  private static boolean joins(Bar bar, Attempts attempts, int attempt, long gap) {
    long length = attempts.end(attempt, bar.end) - attempts.start(attempt);
    return bar.stage == attempts.stage(attempt)
        && bar.how == attempts.how(attempt)
        && attempts.start(attempt) - bar.end <= gap
        && length <= 2 * gap
        && (bar.end - bar.start) / bar.count <= 2 * gap;
  }
}
