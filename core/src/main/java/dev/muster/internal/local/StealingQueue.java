package dev.muster.internal.local;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A worker's own queue of non-negative numbers: the owner pushes and pops at one end without a lock, others steal at
 * the other.
 *
 * <p>Chase and Lev, "Dynamic Circular Work-Stealing Deque" (2005), with sequentially consistent indices. {@link #push}
 * and {@link #pop} belong to the owner's thread; {@link #steal} and {@link #isEmpty} may be called by any.
 */
final class StealingQueue {
  static final long EMPTY = -1;

  private static final VarHandle TOP;
  private static final VarHandle BOTTOM;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TOP = lookup.findVarHandle(StealingQueue.class, "top", long.class);
      BOTTOM = lookup.findVarHandle(StealingQueue.class, "bottom", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile long[] items = new long[256];

  @SuppressWarnings("UnusedVariable") // through TOP
  private volatile long top;

  @SuppressWarnings("UnusedVariable") // through BOTTOM
  private volatile long bottom;

  void push(long item) {
    long end = (long) BOTTOM.get(this);
    long start = (long) TOP.getAcquire(this);
    long[] array = items;
    if (end - start >= array.length) {
      array = grown(array, start, end);
      items = array;
    }
    array[(int) end & (array.length - 1)] = item;
    BOTTOM.setRelease(this, end + 1);
  }

  private static long[] grown(long[] array, long start, long end) {
    long[] larger = new long[array.length * 2];
    for (long i = start; i < end; i++) {
      larger[(int) i & (larger.length - 1)] = array[(int) i & (array.length - 1)];
    }
    return larger;
  }

  long pop() {
    long end = (long) BOTTOM.get(this) - 1;
    if (end < (long) TOP.getAcquire(this)) {
      return EMPTY; // the owner alone adds, so this cannot miss anything
    }
    BOTTOM.setVolatile(this, end);
    long start = (long) TOP.getVolatile(this);
    if (start > end) {
      BOTTOM.setRelease(this, end + 1);
      return EMPTY;
    }
    long[] array = items;
    long item = array[(int) end & (array.length - 1)];
    if (start < end) {
      return item;
    }
    boolean won = TOP.compareAndSet(this, start, start + 1); // the last one: a thief may have it
    BOTTOM.setRelease(this, end + 1);
    return won ? item : EMPTY;
  }

  long steal() {
    while (true) {
      long start = (long) TOP.getVolatile(this);
      long end = (long) BOTTOM.getVolatile(this);
      if (start >= end) {
        return EMPTY;
      }
      long[] array = items;
      long item = array[(int) start & (array.length - 1)];
      if (TOP.compareAndSet(this, start, start + 1)) {
        return item;
      }
    }
  }

  /** Returns how many there are, or were a moment ago. */
  int size() {
    return (int) Math.max(0, (long) BOTTOM.getVolatile(this) - (long) TOP.getVolatile(this));
  }

  boolean isEmpty() {
    return (long) TOP.getVolatile(this) >= (long) BOTTOM.getVolatile(this);
  }
}
