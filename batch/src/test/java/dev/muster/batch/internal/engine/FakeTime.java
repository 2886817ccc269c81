package dev.muster.batch.internal.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A time that goes on only when somebody waits or says so. */
final class FakeTime implements Time {
  private long now = 5;
  private final List<Duration> waits = new ArrayList<>();

  @Override
  public synchronized long nanos() {
    return now;
  }

  @Override
  public synchronized boolean await(CountDownLatch latch, Duration most) {
    if (latch.getCount() == 0) {
      return true;
    }
    waits.add(most);
    now += most.toNanos();
    return false;
  }

  synchronized void pass(Duration time) {
    now += time.toNanos();
  }

  synchronized List<Duration> waits() {
    return List.copyOf(waits);
  }
}
