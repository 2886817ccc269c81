package dev.muster.internal.engine;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cancels a run that is not over when the JVM is asked to end, and holds the JVM until the run's processes and threads
 * are gone. Thread-safe.
 */
final class ExitGuard {
  private static final Logger log = LoggerFactory.getLogger(ExitGuard.class);
  private static final int PATIENCE = 30;
  private static final int PATIENCE_FOR_LISTENERS = 2;

  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private final Runnable cancel;
  private final Thread hook;

  ExitGuard(String name, Runnable cancel) {
    this.cancel = cancel;
    this.hook = new Thread(this::exit, name);
  }

  void arm() {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("the JVM is ending already", e);
      cancel.run();
    }
  }

  /** Says that no process or thread of the run's backends is left. */
  void released() {
    released.countDown();
  }

  /** Says that the run is over. */
  void disarm() {
    over.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("the JVM is ending already", e);
    }
  }

  private void exit() {
    cancel.run();
    try {
      if (!released.await(PATIENCE, TimeUnit.SECONDS)) {
        log.warn("a run has not ended {} s after it was cancelled", PATIENCE);
      }
      // A listener may be what ends the JVM; then the run cannot come to its end.
      if (!over.await(PATIENCE_FOR_LISTENERS, TimeUnit.SECONDS)) {
        log.debug("a listener still has events of a run to take");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
