package dev.muster.report.internal;

import java.util.Arrays;

/** Numbers of many tasks, one after another. Not thread-safe. */
final class Column {
  private float[] values = new float[16];
  private int size;
  private boolean sorted = true;
  private double sum;

  void add(double value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size + (size >> 1));
    }
    values[size++] = (float) value;
    sum += value;
    sorted = false;
  }

  int size() {
    return size;
  }

  double sum() {
    return sum;
  }

  /**
   * Returns the value below which a part of all is; of none 0.
   *
   * @param part from 0, the smallest, to 1, the largest
   */
  double quantile(double part) {
    if (size == 0) {
      return 0;
    }
    if (!sorted) {
      Arrays.sort(values, 0, size);
      sorted = true;
    }
    double place = part * (size - 1);
    int below = (int) place;
    int above = Math.min(size - 1, below + 1);
    return values[below] + (place - below) * (values[above] - values[below]);
  }
}
