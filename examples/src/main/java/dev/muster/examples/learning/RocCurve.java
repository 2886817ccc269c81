package dev.muster.examples.learning;

import java.util.Arrays;

/** How well scores tell two classes apart. Thread-safe. */
public final class RocCurve {
  private RocCurve() {}

  /**
   * Returns the area under the curve: the probability that a signal event scores higher than a background event, ties
   * counted half.
   *
   * @throws IllegalArgumentException if one of the classes is empty
   */
  public static double area(double[] signal, double[] background) {
    if (signal.length == 0 || background.length == 0) {
      throw new IllegalArgumentException("both classes need events");
    }
    double[] sorted = background.clone();
    Arrays.sort(sorted);
    double below = 0;
    for (double score : signal) {
      below += 0.5 * (countBelow(sorted, score, false) + countBelow(sorted, score, true));
    }
    return below / ((double) signal.length * background.length);
  }

  private static int countBelow(double[] sorted, double limit, boolean orEqual) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < limit || (orEqual && sorted[middle] == limit)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
