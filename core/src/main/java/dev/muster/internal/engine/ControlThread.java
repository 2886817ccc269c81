package dev.muster.internal.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which a run waits, stops and ends. It begins its work when it is {@linkplain #open opened}; what comes before waits. Thread-safe.
 */
final class ControlThread {
  private static final Logger log = LoggerFactory.getLogger(ControlThread.class);

  private final Consumer<Throwable> defect;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final ScheduledThreadPoolExecutor executor;
  private volatile Thread thread;

  /**
   * @param name of the thread
   * @param defect takes what an action throws
   */
  ControlThread(String name, Consumer<Throwable> defect) {
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
  }

  private void awaitOpening() {
    try {
      opened.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody knows this thread", e);
    }
  }

  void open() {
    opened.countDown();
  }

  void execute(Runnable action) {
    after(Duration.ZERO, action);
  }

  void after(Duration wait, Runnable action) {
    try {
      var unused = executor.schedule( // failures go to the guard
          () -> guarded(action), TimeUnit.NANOSECONDS.convert(wait), TimeUnit.NANOSECONDS);
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

  /** Waits until the thread has ended, unless it is the calling one; returns whether the calling thread was interrupted meanwhile. */
  boolean awaitEnd() {
    return ThreadEnds.await(thread);
  }
}
