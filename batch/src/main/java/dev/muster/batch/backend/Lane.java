package dev.muster.batch.backend;

import dev.muster.resource.Quantities;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait to become jobs of one kind: of one pool, with one request. Guarded by the {@link Work} that it
 * belongs to.
 */
final class Lane {
  private static final int LEAST = 16;

  /** How long it waits for more tasks that become ready together, at most. */
  private static final long MOST_LINGER = Duration.ofMillis(100).toNanos();

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

  /** Returns how long it is left alone, or {@link Long#MAX_VALUE} if there is nothing to be submitted. */
  long due(long now, long linger) {
    if (size == 0 || pool.room() == 0) {
      return Long.MAX_VALUE;
    }
    Long paused = pool.pausedUntil;
    if (paused != null && paused - now > 0) {
      return paused - now;
    }
    return Math.min(lastCame + linger, firstCame + MOST_LINGER) - now;
  }

  /**
   * Takes tasks for a submission; those whose attempts are over are left out. Returns null if there are no others.
   *
   * @param mostCopies how many jobs it may have
   */
  @Nullable
  Taken take(int mostCopies, Attempts current) {
    int each = pool.options.tasksPerJob();
    int room = Math.min(pool.room(), mostCopies);
    int most = (int) Math.min(size, (long) room * each);
    int[] taken = new int[most];
    int[] numbers = new int[most];
    int count = 0;
    while (count < most && size > 0) {
      int task = task();
      int attempt = attempt();
      remove();
      if (current.current(task, attempt)) {
        taken[count] = task;
        numbers[count] = attempt;
        count++;
      }
    }
    return count == 0
        ? null
        : new Taken(
            Arrays.copyOf(taken, count),
            Arrays.copyOf(numbers, count),
            (count + each - 1) / each,
            firstCame);
  }

  /** Tasks for a submission. */
  static final class Taken {
    final int[] tasks;
    final int[] attempts;

    /** How many jobs they make. */
    final int jobs;

    /** When the first of them became ready. */
    final long came;

    Taken(int[] tasks, int[] attempts, int jobs, long came) {
      this.tasks = tasks;
      this.attempts = attempts;
      this.jobs = jobs;
      this.came = came;
    }
  }
}
