package dev.muster.batch.internal.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next attempt: doubling, with chance, up to a limit. Not thread-safe. */
final class BackOff {
  private final Duration first;
  private final Duration longest;
  private final RandomGenerator random;
  private int failures;

  BackOff(Duration first, Duration longest, RandomGenerator random) {
    this.first = first;
    this.longest = longest;
    this.random = random;
  }

  /** Counts a failure and returns how long to wait now: of the full time between a half and all of it. */
  Duration failed() {
    double full = Math.min(
        (double) longest.toNanos(), (double) first.toNanos() * Math.pow(2, Math.min(failures, 30)));
    failures++;
    return Duration.ofNanos((long) (full * (0.5 + 0.5 * random.nextDouble())));
  }

  /** Forgets all failures. */
  void succeeded() {
    failures = 0;
  }
}
