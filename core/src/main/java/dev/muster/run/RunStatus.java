package dev.muster.run;

/**
 * How a run ended.
 *
 * @since 0.1
 */
public enum RunStatus {
  /** Every task succeeded. */
  SUCCEEDED,
  /** Some tasks failed, and every stage that gathers what they make tolerates that it is missing. */
  INCOMPLETE,
  /** At least one task failed that something needs, or the backend did. */
  FAILED,
  /** It was cancelled. */
  CANCELLED
}
