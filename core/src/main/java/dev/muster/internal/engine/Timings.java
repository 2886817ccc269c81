package dev.muster.internal.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * When the last attempt of every task started, how long it took, and on which worker. Written by the worker that has
 * the task, read once it has ended.
 */
final class Timings {
  private final Instant epoch;
  private final long epochNanos;
  private final long[] started;
  private final long[] took;
  private final @Nullable String[] workers;

  Timings(int tasks, InstantSource clock) {
    epoch = clock.instant();
    epochNanos = System.nanoTime();
    started = new long[tasks];
    took = new long[tasks];
    workers = new String[tasks];
  }

  void start(int task, String worker) {
    workers[task] = worker;
    took[task] = -1;
    started[task] = System.nanoTime() - epochNanos;
  }

  /** Notes times that were taken elsewhere; they win over those taken here. */
  void measured(int task, Instant began, Duration duration) {
    started[task] = Duration.between(epoch, began).toNanos();
    took[task] = Math.max(0, duration.toNanos());
  }

  void stop(int task) {
    if (workers[task] != null && took[task] < 0) {
      took[task] = System.nanoTime() - epochNanos - started[task];
    }
  }

  Instant now() {
    return epoch.plusNanos(System.nanoTime() - epochNanos);
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - epochNanos);
  }

  @Nullable
  String worker(int task) {
    return workers[task];
  }

  @Nullable
  Instant startedAt(int task) {
    return workers[task] == null ? null : epoch.plusNanos(started[task]);
  }

  @Nullable
  Duration duration(int task) {
    return workers[task] == null || took[task] < 0 ? null : Duration.ofNanos(took[task]);
  }

  long nanos(int task) {
    return workers[task] == null || took[task] < 0 ? 0 : took[task];
  }
}
