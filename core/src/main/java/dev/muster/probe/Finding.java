package dev.muster.probe;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was tried.
 *
 * <p>Immutable and thread-safe.
 *
 * @param pool the pool for which it was tried, or null if it concerns the site
 * @param check what was tried, for example {@code submission}
 * @param outcome how it came out
 * @param detail what was seen; where that is not good, the reason, with the end of a log where there is one
 * @param took how long it took
 * @since 0.1
 */
public record Finding(
    @Nullable String pool, String check, Outcome outcome, String detail, Duration took) {
  /** How a check came out. */
  public enum Outcome {
    /** It works. */
    GOOD,
    /** It works, or cannot be told, and deserves a look. */
    DOUBTFUL,
    /** It does not work. */
    BAD
  }
}
