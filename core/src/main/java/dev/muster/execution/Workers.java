package dev.muster.execution;

/**
 * How many workers a pool has: a fixed number, or a range in which an adaptive pool grows and shrinks.
 *
 * <p>Immutable and thread-safe.
 *
 * @param min the fewest, 0 or more
 * @param max the most, at least 1 and at least {@code min}
 * @since 0.1
 */
public record Workers(int min, int max) {
  public Workers {
    if (min < 0 || max < 1 || max < min || max > 1_000_000) {
      throw new IllegalArgumentException(
          "workers must be 1 to 1000000, or {min, max} with 0 <= min <= max; got min " + min
              + ", max " + max);
    }
  }

  /** Returns a fixed number of workers. */
  public static Workers of(int count) {
    return new Workers(count, count);
  }

  /** Tells whether the number can change during a run. */
  public boolean adaptive() {
    return min != max;
  }

  // Written out: what Java makes for a record is put together at run time, for milliseconds.
  @Override
  public int hashCode() {
    return 31 * min + max;
  }

  /** Returns {@code 20} or {@code 0..50}. */
  @Override
  public String toString() {
    return adaptive() ? min + ".." + max : Integer.toString(max);
  }
}
