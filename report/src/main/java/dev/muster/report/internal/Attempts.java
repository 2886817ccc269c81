package dev.muster.report.internal;

import java.util.Arrays;

/**
 * The attempts of tasks in the order in which they started, as columns: there may be millions. Times are microseconds
 * since the run began. Not thread-safe.
 */
final class Attempts {
  /** How an attempt ended. */
  enum End {
    /** It had not when the last event was written. */
    NONE(0),
    SUCCEEDED(1),
    FAILED(2);

    /** Its number in columns, and in the page's script. */
    final byte code;

    End(int code) {
      this.code = (byte) code;
    }
  }

  private static final End[] ENDS = End.values();

  private int[] stages = new int[64];
  private int[] rows = new int[64];
  private long[] starts = new long[64];
  private long[] ends = new long[64];
  private byte[] how = new byte[64];
  private int size;

  /** Adds one that has started; returns its number. */
  int add(int stage, int row, long start) {
    if (size == stages.length) {
      int larger = size + (size >> 1);
      stages = Arrays.copyOf(stages, larger);
      rows = Arrays.copyOf(rows, larger);
      starts = Arrays.copyOf(starts, larger);
      ends = Arrays.copyOf(ends, larger);
      how = Arrays.copyOf(how, larger);
    }
    stages[size] = stage;
    rows[size] = row;
    starts[size] = start;
    ends[size] = start;
    how[size] = End.NONE.code;
    return size++;
  }

  void end(int attempt, long end, End outcome) {
    ends[attempt] = Math.max(starts[attempt], end);
    how[attempt] = outcome.code;
  }

  int size() {
    return size;
  }

  int stage(int attempt) {
    return stages[attempt];
  }

  int row(int attempt) {
    return rows[attempt];
  }

  long start(int attempt) {
    return starts[attempt];
  }

  /** Returns when it ended, or {@code now} if it had not. */
  long end(int attempt, long now) {
    return how[attempt] == End.NONE.code ? Math.max(starts[attempt], now) : ends[attempt];
  }

  End how(int attempt) {
    return ENDS[how[attempt]];
  }
}
