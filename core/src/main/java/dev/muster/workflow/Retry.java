package dev.muster.workflow;

import com.google.errorprone.annotations.CheckReturnValue;
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
 * @param escalate the label to require after a failure that is among {@code escalateOn}, or null to stay
 * @param escalateOn the failures after which to go there; after another, the task is tried again where it was
 * @since 0.1
 */
@CheckReturnValue
public record Retry(int max, Duration backoff, @Nullable String escalate, EscalateOn escalateOn) {
  private static final Retry NEVER = new Retry(0, Duration.ZERO, null);

  public Retry {
    if (max < 0 || max > 1000) {
      throw new IllegalArgumentException("retry.max must be 0 to 1000, got " + max);
    }
    if (backoff.isNegative()) {
      throw new IllegalArgumentException("retry.backoff cannot be negative, got " + backoff);
    }
    if (escalate == null && !escalateOn.equals(EscalateOn.outOfMemory())) {
      throw new IllegalArgumentException(
          "retry.escalate.on says when, and nothing says where to: retry.escalate.to is missing");
    }
  }

  /** Creates a retry that escalates, if at all, when a task runs out of memory. */
  public Retry(int max, Duration backoff, @Nullable String escalate) {
    this(max, backoff, escalate, EscalateOn.outOfMemory());
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
