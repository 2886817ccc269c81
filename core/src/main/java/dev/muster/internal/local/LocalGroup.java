package dev.muster.internal.local;

import dev.muster.internal.operation.GroupBody;
import dev.muster.internal.operation.Turns;
import dev.muster.spi.TaskSink;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The attempts that a worker carries out in one go, taken from its own queue. Of what is given back others may take
 * their part. Used by the worker's thread.
 */
final class LocalGroup implements Turns {
  private static final int FIRST_ATTEMPT = 1;

  private final LocalWorker worker;
  private final GroupBody body;
  private final TaskSink sink;
  private long[] entries = new long[16];
  private int[] tasks = new int[16];
  private int count;

  LocalGroup(LocalWorker worker, GroupBody body, TaskSink sink) {
    this.worker = worker;
    this.body = body;
    this.sink = sink;
  }

  /**
   * Carries out an attempt and others of its stage, if that is worth it.
   *
   * @return false if it is to be carried out alone, and was not
   */
  boolean carryOut(long entry) {
    int task = (int) entry;
    if (attempt(entry) != FIRST_ATTEMPT) { // which may fail as the one before did
      return false;
    }
    int size = body.groupSize(task);
    // A share of what is there, so that the others have work when the end is near.
    size = Math.min(size, 1 + worker.queue().size() / worker.pool().capacity());
    if (size <= 1) {
      return false;
    }
    if (size > entries.length) {
      entries = Arrays.copyOf(entries, size);
      tasks = Arrays.copyOf(tasks, size);
    }
    count = 0;
    add(entry);
    while (count < size) {
      long next = worker.queue().pop();
      if (next == StealingQueue.EMPTY) {
        break;
      }
      if (attempt(next) != FIRST_ATTEMPT || !body.together(task, (int) next)) {
        worker.queue().push(next);
        break;
      }
      add(next);
    }
    if (count == 1) {
      return false;
    }
    body.run(this, tasks, FIRST_ATTEMPT);
    return true;
  }

  private static int attempt(long entry) {
    return (int) (entry >>> 32);
  }

  private void add(long entry) {
    entries[count] = entry;
    tasks[count] = (int) entry;
    count++;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public boolean begin(int turn) {
    return worker.begin(entries[turn], sink);
  }

  @Override
  public void succeeded(int turn, @Nullable Object output) {
    worker.leave(entries[turn]);
    sink.succeeded(tasks[turn], FIRST_ATTEMPT, output);
  }

  @Override
  public void failed(int turn, Throwable error) {
    worker.leave(entries[turn]);
    sink.failed(tasks[turn], FIRST_ATTEMPT, error);
  }

  @Override
  public void giveBack(int first) {
    int back = count - first;
    for (int turn = count - 1; turn >= first; turn--) { // it takes its newest first
      worker.queue().push(entries[turn]);
    }
    count = Math.min(count, first);
    if (back > 0) {
      worker.pool().workAdded(back);
    }
  }
}
