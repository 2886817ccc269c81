package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.workflow.Partition;

/** The partitions of a workflow's data, dataset after dataset. Immutable and thread-safe. */
final class PartitionTable {
  private final ImmutableList<Partition> partitions;
  private final int[] offsets;

  /** @param offsets the first partition of each dataset, and behind the last the number of partitions */
  PartitionTable(ImmutableList<Partition> partitions, int[] offsets) {
    this.partitions = partitions;
    this.offsets = offsets;
  }

  int size() {
    return partitions.size();
  }

  Partition get(int index) {
    return partitions.get(index);
  }

  int first(int dataset) {
    return offsets[dataset];
  }

  int count(int dataset) {
    return offsets[dataset + 1] - offsets[dataset];
  }
}
