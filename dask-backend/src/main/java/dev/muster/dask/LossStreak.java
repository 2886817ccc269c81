package dev.muster.dask;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a pool that were lost one after the other without a finished task in between: how many there may be,
 * and how soon they are replaced. Not thread-safe.
 *
 * <p>Jobs that end before their worker was there are counted apart, since fewer of them tell enough.
 */
final class LossStreak {
  private static final int MOST_EARLY_ENDS = 3;
  private static final int FEWEST_LOSSES = 10;
  private static final int AT_ONCE = 3;
  private static final int MOST_DOUBLINGS = 3;
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final @Nullable Integer most;
  private final Duration pause;
  private int losses;
  private int earlyEnds;
  private long lastLoss;

  /**
   * @param most how many workers may be lost, or null for three times as many as the pool has, and at least ten
   * @param pause how long the first replacement waits that is not made at once
   */
  LossStreak(@Nullable Integer most, Duration pause) {
    this.most = most;
    this.pause = pause;
  }

  /** Counts workers that were there and are lost. */
  void lost(int workers, long now) {
    losses += workers;
    lastLoss = now;
  }

  /** Counts a job that ended before its worker was there, or could not be submitted. */
  void early() {
    earlyEnds++;
  }

  /** Takes note that no worker of this pool will ever be there. */
  void hopeless() {
    earlyEnds = MOST_EARLY_ENDS;
  }

  /** Takes note that a worker is there. */
  void came() {
    earlyEnds = 0;
  }

  /** Takes note that a task is finished. */
  void worked() {
    losses = 0;
  }

  /** Tells whether no more workers are to be submitted. */
  boolean over(int wanted) {
    return earlyEnds >= MOST_EARLY_ENDS || tooManyLosses(wanted);
  }

  /** Tells whether more workers were lost than may be. */
  boolean tooManyLosses(int wanted) {
    return losses > (most != null ? most : Math.max(FEWEST_LOSSES, 3 * wanted));
  }

  /** Returns the beginning of why the pool is given up: how many were lost, or nothing. */
  String count(int wanted) {
    return tooManyLosses(wanted)
        ? losses + " were lost one after the other and finished no task in between, at last: "
        : "";
  }

  /** Tells whether what is missing is to be submitted only later: losses that follow each other slow that down. */
  boolean waits(int wanted, long now) {
    int beyond = losses - Math.max(AT_ONCE, wanted);
    if (beyond <= 0) {
      return false;
    }
    Duration wait = pause.multipliedBy(1L << Math.min(MOST_DOUBLINGS, beyond - 1));
    return now - lastLoss < (wait.compareTo(LONGEST_PAUSE) < 0 ? wait : LONGEST_PAUSE).toNanos();
  }
}
