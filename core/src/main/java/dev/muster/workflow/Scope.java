package dev.muster.workflow;

/**
 * How a stage's tasks relate to the data: one task per partition, one per dataset, or one for everything.
 *
 * @since 0.1
 */
public enum Scope {
  /** One task per partition; the default of a workflow that has data. */
  PARTITION,
  /** One task per dataset, or per block of its partitions ({@link Stage#block}); it gathers these partitions. */
  DATASET,
  /** One task; it gathers all that it reads. The only scope of a workflow without data. */
  GLOBAL
}
