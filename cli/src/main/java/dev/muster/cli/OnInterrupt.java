package dev.muster.cli;

import dev.muster.internal.thread.RunThreads;

/** Says something if the process is told to end before {@link #forget}: Ctrl-C, SIGTERM. Thread-safe. */
final class OnInterrupt implements AutoCloseable {
  private final Thread hook;

  /**
   * @param run the id of the run that it is about
   * @param action what to do then; it may take a moment
   */
  OnInterrupt(String run, Runnable action) {
    hook = new Thread(action, RunThreads.name("left", run));
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      action.run(); // the process ends already
    }
  }

  @Override
  public void close() {
    forget();
  }

  /** Says nothing any more. Idempotent. */
  void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // it says it now
    }
  }
}
