package dev.muster.internal.engine;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The thread on which a run opens its backends and hands over its first tasks. Until the backends are open it can be
 * interrupted: they may take minutes. Thread-safe.
 */
final class Starter {
  private final Thread thread;
  private boolean opening = true;
  private boolean given;

  /**
   * @param name of the thread
   * @param work what to do; it calls what it is given once the backends are open or cannot be, and hears whether that
   *     was to be given up
   */
  Starter(String name, Consumer<BooleanSupplier> work) {
    thread = new Thread(() -> work.accept(this::opened), name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Asks what opens to give up; does nothing afterwards. */
  synchronized void giveUp() {
    if (opening && !given) {
      given = true;
      thread.interrupt();
    }
  }

  /** Says that the backends are open, or cannot be; returns whether that was to be given up. Called on the thread. */
  private synchronized boolean opened() {
    opening = false;
    if (given) {
      boolean unused = Thread.interrupted(); // it is not meant for what comes next
    }
    return given;
  }

  /**
   * Waits until the thread has ended, unless it is the calling one; returns whether the calling thread was interrupted
   * meanwhile.
   */
  boolean awaitEnd() {
    return ThreadEnds.await(thread);
  }
}
