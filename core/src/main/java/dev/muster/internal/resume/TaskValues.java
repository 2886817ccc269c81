package dev.muster.internal.resume;

/**
 * What is known of the results of tasks: a digest of each, and the number of the execution that made it. Written before
 * a task's readers begin; not otherwise thread-safe.
 */
final class TaskValues {
  private final long[] high;
  private final long[] low;
  private final long[] execution;

  TaskValues(int tasks) {
    high = new long[tasks];
    low = new long[tasks];
    execution = new long[tasks];
  }

  void put(int task, long digestHigh, long digestLow, long madeBy) {
    high[task] = digestHigh;
    low[task] = digestLow;
    execution[task] = madeBy;
  }

  long high(int task) {
    return high[task];
  }

  long low(int task) {
    return low[task];
  }

  long execution(int task) {
    return execution[task];
  }
}
