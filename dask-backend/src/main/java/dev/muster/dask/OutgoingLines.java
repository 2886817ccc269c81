package dev.muster.dask;

import dev.muster.value.ValueEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said to the bridge, line by line. Nearly every task has a release, which is in no hurry: releases wait
 * a moment for others, unless something else is said after them. Thread-safe; one thread takes.
 */
final class OutgoingLines {
  /** Nothing is said after it. */
  static final byte[] END = {};

  private static final long GATHER_MILLIS = 10;
  private static final int MOST_RELEASES = 10_000;
  private static final Object RELEASES = new Object();

  /** Lines, and RELEASES where there may be some that wait. */
  private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();

  private List<Integer> releases = new ArrayList<>();

  synchronized void add(byte[] line) {
    byte[] before = releases();
    if (before != null) {
      queue.add(before);
    }
    queue.add(line);
  }

  synchronized void release(int task) {
    releases.add(task);
    if (releases.size() == 1) {
      queue.add(RELEASES);
    } else if (releases.size() == MOST_RELEASES) {
      queue.add(releases());
    }
  }

  void end() {
    queue.add(END);
  }

  /** Returns the next line, or END; waits for it. */
  byte[] take() throws InterruptedException {
    while (true) {
      Object next = queue.take();
      while (next == RELEASES) {
        next = queue.poll(GATHER_MILLIS, TimeUnit.MILLISECONDS);
        if (next == null) {
          next = releases();
        }
      }
      if (next != null) {
        return (byte[]) next;
      }
    }
  }

  /** Tells whether there is no next line yet. */
  boolean idle() {
    return !(queue.peek() instanceof byte[]);
  }

  /** Takes the line of the releases that wait, or null if there are none. */
  private synchronized byte @Nullable [] releases() {
    if (releases.isEmpty()) {
      return null;
    }
    List<Integer> tasks = releases;
    releases = new ArrayList<>();
    return ValueEncoding.encode(Map.of("op", "release", "tasks", tasks), "a message");
  }
}
