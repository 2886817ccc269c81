package dev.muster.internal.engine;

/** Waits for the ends of threads. */
final class ThreadEnds {
  private ThreadEnds() {}

  /**
   * Waits until a thread has ended, unless it is the calling one; returns whether the calling thread was interrupted
   * meanwhile.
   */
  static boolean await(Thread thread) {
    boolean interrupted = false;
    while (Thread.currentThread() != thread && thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }
}
