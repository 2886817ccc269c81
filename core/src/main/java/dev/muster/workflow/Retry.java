package dev.muster.workflow;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often a task whose operation failed is tried again.
 *
 * <p>The wait doubles with every attempt, with up to a quarter of random variation. Losing a worker does not count.
 * Immutable and thread-safe.
 *
 * @param max how many attempts may follow the first, 0 or more
 * @param backoff the wait before the second attempt, zero or more
 * @param escalate the label to require after a task ran out of memory, or null to stay
 * @since 0.1
 */
public record Retry(int max, Duration backoff, @Nullable String escalate) {
  private static final Retry NEVER = new Retry(0, Duration.ZERO, null);

  public Retry {
    if (max < 0 || max > 1000) {
      throw new IllegalArgumentException("retry.max must be 0 to 1000, got " + max);
    }
    if (backoff.isNegative()) {
      throw new IllegalArgumentException("retry.backoff cannot be negative, got " + backoff);
    }
  }

  /** Returns "no second attempt", the default. */
  public static Retry never() {
    return NEVER;
  }

  /** Returns {@code max} further attempts, at once and on the same pools. */
  public static Retry times(int max) {
    return new Retry(max, Duration.ZERO, null);
  }
}
