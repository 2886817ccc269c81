package dev.muster.plan;

/**
 * How the tasks of one stage depend on the tasks of another.
 *
 * @since 0.1
 */
public enum Pattern {
  /** Each task on the one task of the same partition, or of the same dataset. */
  ONE_TO_ONE,
  /** Each task on all tasks of its dataset, or on all tasks of the datasets that take part. */
  GATHER,
  /** Each task on the one task of its dataset, or on the one task for everything. */
  SCATTER
}
