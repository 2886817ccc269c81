package dev.muster.workflow;

import org.jspecify.annotations.Nullable;

/**
 * An output that a task gathers and that is missing.
 *
 * <p>Immutable and thread-safe.
 *
 * @param task the name of the task that would have made it, for example {@code Select/ttbar.3}
 * @param partition the partition that it belongs to; null if that is a whole dataset or everything
 * @param dataset the dataset that it belongs to; null if that is everything
 * @since 0.1
 */
public record MissingInput(
    String task, @Nullable Partition partition, @Nullable Dataset dataset) {}
