package dev.muster.testkit;

import dev.muster.run.RunTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The time of a run, moved by hand: an hour's timeout is over at once.
 *
 * <pre>{@code
 * ManualTime time = new ManualTime();
 * FakeBackend backend = FakeBackend.stepwise("local");
 * RunOptions options = RunOptions.builder().backend(backend).time(time).build();
 * try (Run run = Muster.start(workflow, execution, options)) {
 *   backend.start("Train"); // timeout: 1h
 *   time.advance(Duration.ofHours(1));
 *   assertThat(run.await().failures()).hasSize(1);
 * }
 * }</pre>
 *
 * <p>It stands still otherwise. What becomes due is done by the run, on its own thread, soon after {@link #advance} has
 * returned. What a run waits for it says in {@link #waits}, and goes on to say when the reason is gone. Thread-safe.
 *
 * @since 0.1
 */
public final class ManualTime implements RunTime {
  private final List<Wait> waits = new ArrayList<>();
  private long now;

  private record Wait(long until, Runnable action) {}

  /** Creates a time that stands still. */
  public ManualTime() {}

  /**
   * Moves time on.
   *
   * @throws IllegalArgumentException if {@code step} is negative
   */
  public void advance(Duration step) {
    if (step.isNegative()) {
      throw new IllegalArgumentException("time does not go back, got " + step);
    }
    List<Wait> due = new ArrayList<>();
    synchronized (this) {
      now += TimeUnit.NANOSECONDS.convert(step);
      Iterator<Wait> each = waits.iterator();
      while (each.hasNext()) {
        Wait wait = each.next();
        if (wait.until - now <= 0) { // it may have come around, as a clock's time does
          due.add(wait);
          each.remove();
        }
      }
    }
    due.sort((one, other) -> Long.signum(one.until - other.until));
    due.forEach(wait -> wait.action.run());
  }

  /** Returns how far time has to move on until each of the things that are waited for, the next first. */
  public synchronized List<Duration> waits() {
    return waits.stream()
        .map(wait -> Duration.ofNanos(wait.until - now))
        .sorted()
        .toList();
  }

  /**
   * Waits until anything is waited for, and returns how far time has to move on until the next: after a task has
   * failed, until its next attempt.
   *
   * @throws AssertionError if nothing is waited for within {@code patience}, in real time
   */
  public synchronized Duration awaitNext(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (waits.isEmpty()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("nothing is waited for after " + patience);
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
    return waits().get(0);
  }

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public void at(long nanoTime, Runnable action) {
    synchronized (this) {
      if (nanoTime - now > 0) {
        waits.add(new Wait(nanoTime, action));
        notifyAll();
        return;
      }
    }
    action.run();
  }
}
