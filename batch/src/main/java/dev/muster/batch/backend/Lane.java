package dev.muster.batch.backend;

import dev.muster.resource.Quantities;

/**
 * Tasks that wait to become jobs of one kind: of one pool, with one request. Guarded by the {@link Work} that it
 * belongs to.
 */
final class Lane {
  private static final int LEAST = 16;

  final PoolJobs pool;
  final Quantities quantities;
  private int[] tasks = new int[LEAST];
  private int[] attempts = new int[LEAST];
  private int head;
  private int size;

  /** When the first and the last of those that wait came, as {@link System#nanoTime()} tells it. */
  long firstCame;

  long lastCame;

  Lane(PoolJobs pool, Quantities quantities) {
    this.pool = pool;
    this.quantities = quantities;
  }

  /** What tells lanes apart; stage is -1 where tasks of all stages may share an array. */
  record Key(String pool, Quantities quantities, int stage) {}

  int size() {
    return size;
  }

  /** Adds a task behind those that wait. */
  void add(int task, int attempt, long now) {
    grow();
    put((head + size) & (tasks.length - 1), task, attempt);
    size++;
    firstCame = size == 1 ? now : firstCame;
    lastCame = now;
  }

  /** Adds a task before those that wait. */
  void addFirst(int task, int attempt) {
    grow();
    head = (head - 1) & (tasks.length - 1);
    put(head, task, attempt);
    size++;
  }

  private void put(int place, int task, int attempt) {
    tasks[place] = task;
    attempts[place] = attempt;
  }

  private void grow() {
    if (size == tasks.length) {
      int[] moreTasks = new int[size * 2];
      int[] moreAttempts = new int[size * 2];
      for (int i = 0; i < size; i++) {
        int place = (head + i) & (size - 1);
        moreTasks[i] = tasks[place];
        moreAttempts[i] = attempts[place];
      }
      tasks = moreTasks;
      attempts = moreAttempts;
      head = 0;
    }
  }

  /** Returns the task that came first. */
  int task() {
    return tasks[head];
  }

  /** Returns its attempt. */
  int attempt() {
    return attempts[head];
  }

  /** Removes it. */
  void remove() {
    head = (head + 1) & (tasks.length - 1);
    size--;
  }
}
