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

  private final Seat seat;
  private final GroupBody body;
  private final TaskSink sink;
  private long[] entries = new long[16];
  private int[] tasks = new int[16];
  private int count;

  LocalGroup(Seat seat, GroupBody body, TaskSink sink) {
    this.seat = seat;
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
    size = Math.min(size, 1 + seat.queue().size() / seat.pool().capacity());
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
      long next = seat.queue().pop();
      if (next == StealingQueue.EMPTY) {
        break;
      }
      if (attempt(next) != FIRST_ATTEMPT || !body.together(task, (int) next)) {
        seat.queue().push(next);
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
    return seat.begin(entries[turn], sink);
  }

  @Override
  public void succeeded(int turn, @Nullable Object output) {
    seat.leave(entries[turn]);
    sink.succeeded(tasks[turn], FIRST_ATTEMPT, output);
  }

  @Override
  public void failed(int turn, Throwable error) {
    seat.leave(entries[turn]);
    sink.failed(tasks[turn], FIRST_ATTEMPT, error);
  }

  @Override
  public void giveBack(int first) {
    int back = count - first;
    for (int turn = count - 1; turn >= first; turn--) { // it takes its newest first
      seat.queue().push(entries[turn]);
    }
    count = Math.min(count, first);
    if (back > 0) {
      seat.pool().workAdded(back);
    }
  }
}
