package dev.muster.batch.internal.engine;

import java.time.Duration;

/** Spreads submissions over time: none comes sooner after the last one than a rate allows. Thread-safe. */
final class Pace {
  private final Time time;
  private boolean any;
  private long last;

  Pace(Time time) {
    this.time = time;
  }

  /**
   * Books the next place and returns how long to wait for it.
   *
   * @param perSecond how many places there are in a second, or 0 for no limit
   */
  synchronized Duration next(int perSecond) {
    long now = time.nanos();
    long gap = perSecond == 0 ? 0 : 1_000_000_000L / perSecond;
    long place = any ? Math.max(now - last, gap) + last : now;
    any = true;
    last = place;
    return Duration.ofNanos(place - now);
  }
}
