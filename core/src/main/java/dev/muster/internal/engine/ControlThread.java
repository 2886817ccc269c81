package dev.muster.internal.engine;

import dev.muster.run.RunTime;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which a run waits, stops and ends. It begins its work when it is {@linkplain #open opened}; what
 * comes before waits. Thread-safe.
 */
final class ControlThread {
  private static final Logger log = LoggerFactory.getLogger(ControlThread.class);

  private final @Nullable RunTime time;
  private final Consumer<Throwable> defect;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final ScheduledThreadPoolExecutor executor;
  private final @Nullable Duration limit;
  private final Runnable late;
  private volatile Thread thread;

  /**
   * @param name of the thread
   * @param time by which it waits, or null for the system's
   * @param limit after which {@code late} is called, also before the thread is opened, but not when it was shut down;
   *     or null
   * @param late what to do then; takes no time
   * @param defect takes what an action throws
   */
  ControlThread(
      String name,
      @Nullable RunTime time,
      @Nullable Duration limit,
      Runnable late,
      Consumer<Throwable> defect) {
    this.time = time;
    this.limit = limit;
    this.late = late;
    this.defect = defect;
    this.thread = Thread.currentThread();
    executor = new ScheduledThreadPoolExecutor(1, task -> {
      Thread made = new Thread(task, name);
      made.setDaemon(true);
      thread = made;
      return made;
    });
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    execute(this::awaitOpening);
    if (time != null && limit != null) {
      time.at(time.nanoTime() + TimeUnit.NANOSECONDS.convert(limit), this::late);
    }
  }

  private void late() {
    if (!executor.isShutdown()) {
      late.run();
    }
  }

  private void awaitOpening() {
    try {
      if (time == null && limit != null) {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(limit);
        if (opened.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          at(end, this::late);
          return;
        }
        late();
      }
      opened.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody knows this thread", e);
    }
  }

  void open() {
    opened.countDown();
  }

  long nanoTime() {
    return time == null ? System.nanoTime() : time.nanoTime();
  }

  void execute(Runnable action) {
    schedule(0, action);
  }

  void after(Duration wait, Runnable action) {
    long nanos = TimeUnit.NANOSECONDS.convert(wait);
    if (time == null) {
      schedule(nanos, action);
    } else {
      time.at(time.nanoTime() + nanos, () -> execute(action));
    }
  }

  void at(long nanoTime, Runnable action) {
    if (time == null) {
      schedule(Math.max(0, nanoTime - System.nanoTime()), action);
    } else {
      time.at(nanoTime, () -> execute(action));
    }
  }

  private void schedule(long nanos, Runnable action) {
    try {
      var unused = executor.schedule( // failures go to the guard
          () -> guarded(action), nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("the run is over", e);
    }
  }

  private void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      defect.accept(e);
    }
  }

  /** Ends after what runs now; what still waits is dropped. */
  void shutDown() {
    open();
    executor.shutdown();
  }

  /**
   * Waits until the thread has ended, unless it is the calling one; returns whether the calling thread was interrupted
   * meanwhile.
   */
  boolean awaitEnd() {
    return ThreadEnds.await(thread);
  }
}
