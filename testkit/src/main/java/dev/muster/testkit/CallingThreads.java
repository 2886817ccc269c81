package dev.muster.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The threads of callers that run operations of a session now. Thread-safe. */
final class CallingThreads {
  private final Map<FakeAttempt, Thread> threads = new LinkedHashMap<>();
  private boolean closed;

  /** Notes that the calling thread runs an operation from here on; returns false if none may start any more. */
  synchronized boolean enter(FakeAttempt attempt) {
    if (!closed) {
      threads.put(attempt, Thread.currentThread());
    }
    return !closed;
  }

  synchronized void leave(FakeAttempt attempt) {
    threads.remove(attempt);
    Thread.interrupted(); // an operation's own interrupt is not the test's
    notifyAll();
  }

  /** Interrupts an operation, if it runs; its thread does nothing else before {@link #leave}. */
  synchronized void interrupt(FakeAttempt attempt) {
    Thread thread = threads.get(attempt);
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Interrupts what runs on other threads, waits for it, and returns what has not ended within {@code patience}. */
  synchronized List<String> close(Duration patience) {
    closed = true;
    others().forEach(this::interrupt);
    long deadline = System.nanoTime() + patience.toNanos();
    long left = patience.toNanos();
    boolean interrupted = false;
    while (!others().isEmpty() && left > 0) {
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        interrupted = true; // closing comes first; the caller learns of it afterwards
      }
      left = deadline - System.nanoTime();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return others().stream().map(FakeAttempt::task).toList();
  }

  private List<FakeAttempt> others() {
    List<FakeAttempt> others = new ArrayList<>();
    threads.forEach((attempt, thread) -> {
      if (thread != Thread.currentThread()) {
        others.add(attempt);
      }
    });
    return others;
  }
}
