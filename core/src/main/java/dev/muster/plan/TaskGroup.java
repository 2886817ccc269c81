package dev.muster.plan;

import dev.muster.workflow.Scope;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The shape of a stage's tasks: one for each partition of some datasets, one for each of these datasets, or a single one.
 *
 * <p>Tasks are numbered from 0 within the group, dataset after dataset. Stages of the same shape share one instance. Immutable
 * and thread-safe.
 *
 * @since 0.1
 */
final class TaskGroup {
  private final Scope scope;
  private final int[] datasets;
  private final int[] offsets;
  private final int[] position;

  /**
   * @param datasets the datasets that take part, ascending
   * @param partitionsOf how many partitions each dataset of the workflow has
   */
  TaskGroup(Scope scope, int[] datasets, int[] partitionsOf) {
    this.scope = scope;
    this.datasets = datasets;
    this.offsets = new int[datasets.length + 1];
    this.position = new int[partitionsOf.length];
    Arrays.fill(position, -1);
    for (int i = 0; i < datasets.length; i++) {
      int tasks = scope == Scope.PARTITION ? partitionsOf[datasets[i]] : 1;
      offsets[i + 1] = Math.addExact(offsets[i], tasks);
      position[datasets[i]] = i;
    }
  }

  private TaskGroup(TaskGroup all, int[] position) {
    this.scope = all.scope;
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
    return scope == Scope.DATASET ? datasets[local] : datasets[Blocks.blockOf(offsets, local)];
  }

  /** Returns the number of a task within its dataset. */
  int indexInDataset(int local) {
    return scope == Scope.PARTITION ? local - offsets[Blocks.blockOf(offsets, local)] : 0;
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
