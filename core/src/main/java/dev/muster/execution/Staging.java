package dev.muster.execution;

/**
 * How files reach workers.
 *
 * @since 0.1
 */
public enum Staging {
  /** Workers read the paths of the submit host. */
  SHARED,
  /** Workers have only what was sent to them. */
  TRANSFER
}
