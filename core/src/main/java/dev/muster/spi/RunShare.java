package dev.muster.spi;

/**
 * The share that a run has of the workers of a site while other runs have ready tasks, too.
 *
 * <p>A worker that becomes free goes to a run of the highest priority; among those of one priority, runs have workers
 * in proportion to their weights. Immutable and thread-safe.
 *
 * @param priority any number; higher goes first
 * @param weight from 1 to 1000
 * @since 0.1
 */
public record RunShare(int priority, int weight) {
  /** That of runs of which nothing is said: priority 0, weight 1. */
  public static final RunShare EVEN = new RunShare(0, 1);

  /** The highest weight. */
  public static final int MOST = 1000;

  public RunShare {
    if (weight < 1 || weight > MOST) {
      throw new IllegalArgumentException(
          "the weight of a run must be from 1 to " + MOST + ", got " + weight);
    }
  }
}
