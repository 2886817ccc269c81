package dev.muster.internal.local;

import com.google.common.collect.ImmutableList;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A first-in first-out queue of attempts that several pools may serve. Thread-safe.
 */
final class Lane {
  private final ReentrantLock lock = new ReentrantLock();
  private final ImmutableList<LocalPool> pools;
  private long[] items = new long[64];
  private int head;
  private volatile int size;

  Lane(ImmutableList<LocalPool> pools) {
    this.pools = pools;
  }

  ImmutableList<LocalPool> pools() {
    return pools;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(int[] tasks, int count, int attempt) {
    lock.lock();
    try {
      int needed = size + count;
      if (needed > items.length) {
        grow(needed);
      }
      int mask = items.length - 1;
      for (int i = 0; i < count; i++) {
        items[(head + size + i) & mask] = Seat.entry(tasks[i], attempt);
      }
      size = needed;
    } finally {
      lock.unlock();
    }
  }

  private void grow(int needed) {
    int length = Integer.highestOneBit(Math.max(needed - 1, 1)) << 1;
    if (length <= 0) {
      throw new IllegalStateException("more than 2^30 tasks are queued");
    }
    long[] larger = new long[length];
    for (int i = 0; i < size; i++) {
      larger[i] = items[(head + i) & (items.length - 1)];
    }
    items = larger;
    head = 0;
  }

  /** Takes the first entry, and moves some of those behind it to {@code own}: the share of one of {@code takers}. */
  long take(StealingQueue own, int takers) {
    if (size == 0) {
      return StealingQueue.EMPTY;
    }
    lock.lock();
    try {
      int available = size;
      if (available == 0) {
        return StealingQueue.EMPTY;
      }
      int share = Math.min(available / (2 * takers), 128);
      int mask = items.length - 1;
      for (int i = share; i > 0; i--) { // the owner takes its newest first: this keeps the order
        own.push(items[(head + i) & mask]);
      }
      long first = items[head & mask];
      head = (head + share + 1) & mask;
      size = available - share - 1;
      return first;
    } finally {
      lock.unlock();
    }
  }

  void clear() {
    lock.lock();
    try {
      size = 0;
    } finally {
      lock.unlock();
    }
  }
}
