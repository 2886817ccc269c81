package dev.muster.plan;

import dev.muster.workflow.Scope;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The shape of a stage's tasks: one for each partition of some datasets, one for each block of their partitions, one
 * for each of these datasets, or a single one.
 *
 * <p>Tasks are numbered from 0 within the group, dataset after dataset. Stages of the same shape share one instance.
 * Immutable and thread-safe.
 *
 * @since 0.1
 */
final class TaskGroup {
  /** More partitions than any dataset has. */
  private static final long WHOLE = 1L << 32;

  private final Scope scope;
  private final long width;
  private final int[] datasets;
  private final int[] offsets;
  private final int[] position;

  /**
   * @param block how many partitions a task of scope dataset stands for, or 0 for all of a dataset
   * @param datasets the datasets that take part, ascending
   * @param partitionsOf how many partitions each dataset of the workflow has
   */
  TaskGroup(Scope scope, int block, int[] datasets, int[] partitionsOf) {
    this.scope = scope;
    this.width = scope == Scope.PARTITION ? 1 : block > 0 ? block : WHOLE;
    this.datasets = datasets;
    this.offsets = new int[datasets.length + 1];
    this.position = new int[partitionsOf.length];
    Arrays.fill(position, -1);
    for (int i = 0; i < datasets.length; i++) {
      int partitions = partitionsOf[datasets[i]];
      int tasks = scope == Scope.PARTITION
          ? partitions
          : (int) Math.max(1, (partitions + width - 1) / width);
      offsets[i + 1] = Math.addExact(offsets[i], tasks);
      position[datasets[i]] = i;
    }
  }

  private TaskGroup(TaskGroup all, int[] position) {
    this.scope = all.scope;
    this.width = all.width;
    this.datasets = all.datasets;
    this.offsets = all.offsets;
    this.position = position;
  }

  /** Returns this group, of which only the tasks of some datasets take part; tasks keep their numbers. */
  TaskGroup only(BitSet wanted) {
    if (Arrays.stream(datasets).allMatch(wanted::get)) {
      return this;
    }
    int[] restricted = position.clone();
    for (int i = 0; i < restricted.length; i++) {
      if (!wanted.get(i)) {
        restricted[i] = -1;
      }
    }
    return new TaskGroup(this, restricted);
  }

  Scope scope() {
    return scope;
  }

  /** Tells whether a task stands for a block of a dataset's partitions. */
  boolean inBlocks() {
    return scope == Scope.DATASET && width < WHOLE;
  }

  /** Returns how many partitions a block has; the last one of a dataset may have fewer. */
  int block() {
    return inBlocks() ? (int) width : 0;
  }

  /** Compares how much a task stands for: less than 0 if one of this group stands for less than one of the other. */
  int compareWidth(TaskGroup other) {
    int byScope = scope.compareTo(other.scope);
    return byScope != 0 ? byScope : Long.compare(width, other.width);
  }

  /** Tells whether each task here lies within one of the other group, or the other way round. */
  boolean fits(TaskGroup other) {
    return Math.max(width, other.width) % Math.min(width, other.width) == 0
        || !inBlocks()
        || !other.inBlocks();
  }

  /** Returns the first task, by its number within the dataset, that has to do with a task of another group. */
  int firstWith(TaskGroup other, int otherInDataset, int dataset) {
    return (int) Math.min(count(dataset), otherInDataset * other.width / width);
  }

  /** Returns the task, by its number within the dataset, after the last that has to do with a task of another group. */
  int endWith(TaskGroup other, int otherInDataset, int dataset) {
    long partitions = (otherInDataset + 1) * other.width;
    return (int) Math.min(count(dataset), (partitions + width - 1) / width);
  }

  int size() {
    return scope == Scope.GLOBAL ? 1 : offsets[datasets.length];
  }

  int datasetCount() {
    return datasets.length;
  }

  int dataset(int i) {
    return datasets[i];
  }

  /** Returns the dataset of a task, or -1 if the task stands for everything. */
  int datasetOf(int local) {
    if (scope == Scope.GLOBAL) {
      return -1;
    }
    return datasets[Blocks.blockOf(offsets, local)];
  }

  /** Returns the number of a task within its dataset. */
  int indexInDataset(int local) {
    return scope == Scope.GLOBAL ? 0 : local - offsets[Blocks.blockOf(offsets, local)];
  }

  /** Tells whether a dataset takes part. */
  boolean includes(int dataset) {
    return position[dataset] >= 0;
  }

  /** Returns the first task of a dataset, or -1 if it does not take part. */
  int first(int dataset) {
    int i = position[dataset];
    return i < 0 ? -1 : offsets[i];
  }

  /** Returns how many tasks a dataset has here. */
  int count(int dataset) {
    int i = position[dataset];
    return i < 0 ? 0 : offsets[i + 1] - offsets[i];
  }
}
