package dev.muster.internal.operation;

/**
 * How many calls of a stage are worth to travel together. As long as it is not known what they take, each goes alone;
 * then as many as take a few milliseconds, so that no worker waits noticeably for calls that another one has.
 *
 * <p>Thread-safe: an update that is lost does no harm.
 */
final class GroupSize {
  private static final double GROUP_MICROS = 5_000;
  private static final int MOST = 64;
  private static final int GROWTH = 4;

  private static final double OVERHEAD_MICROS = 50;

  private volatile double average = Double.MAX_VALUE;
  private volatile int size = 1;

  int get() {
    return size;
  }

  /**
   * Notes what the functions of a group took.
   *
   * @param calls how many there were
   * @param sum the time of all, in microseconds
   * @param longest the longest of them: of several it does not count, since it may be that of a busy machine
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // see above
  void took(int calls, double sum, double longest) {
    double each = OVERHEAD_MICROS + (calls < 4 ? sum / calls : (sum - longest) / (calls - 1));
    double before = average;
    // Slower calls count at once, faster ones little by little.
    double now = before == Double.MAX_VALUE ? each : Math.max(each, 0.7 * before + 0.3 * each);
    average = now;
    int fits = (int) Math.min(GROUP_MICROS / now, MOST);
    size = Math.max(1, Math.min(fits, size * GROWTH));
  }
}
