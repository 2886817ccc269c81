package dev.muster.batch.internal.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The time as the engine sees it; tests have their own. Thread-safe. */
interface Time {
  /** Returns nanoseconds since some moment, as {@link System#nanoTime()} does. */
  long nanos();

  /** Waits until {@code latch} is down, but not longer than {@code most}; returns whether it is. */
  boolean await(CountDownLatch latch, Duration most) throws InterruptedException;

  /** Returns the time of this machine. */
  static Time system() {
    return new Time() {
      @Override
      public long nanos() {
        return System.nanoTime();
      }

      @Override
      public boolean await(CountDownLatch latch, Duration most) throws InterruptedException {
        return latch.await(most.toNanos(), TimeUnit.NANOSECONDS);
      }
    };
  }
}
