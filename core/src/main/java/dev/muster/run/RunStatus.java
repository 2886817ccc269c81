package dev.muster.run;

/**
 * How a run ended.
 *
 * @since 0.1
 */
public enum RunStatus {
  /** Every task succeeded. */
  SUCCEEDED,
  /** At least one task failed, or the backend did. */
  FAILED,
  /** It was cancelled. */
  CANCELLED
}
