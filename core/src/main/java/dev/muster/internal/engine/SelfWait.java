package dev.muster.internal.engine;

import org.jspecify.annotations.Nullable;

/** Refuses to wait for a run where that would wait for the caller itself. Thread-safe. */
final class SelfWait {
  private final EventBus bus;
  private final RunParts parts;
  private final @Nullable EngineSite site;

  SelfWait(EventBus bus, RunParts parts, @Nullable EngineSite site) {
    this.bus = bus;
    this.parts = parts;
    this.site = site;
  }

  /**
   * Checks the calling thread.
   *
   * @param what it is about to do, for example {@code wait for}
   * @throws IllegalStateException if it is one that the run waits for, or may need
   */
  void check(String what) {
    if (bus.isDelivering()) {
      throw new IllegalStateException(
          "a listener cannot " + what + " its run, which waits for the listener; it can cancel it");
    }
    if (parts.operationRunsHere()) {
      throw new IllegalStateException("an operation cannot " + what
          + " its run, which waits for the operation; it can cancel it, or start a run of its own");
    }
    if (site != null && site.operationRunsHere()) {
      throw new IllegalStateException("an operation cannot " + what
          + " a run of the site that it runs on: it holds a slot that the run may need;"
          + " use result(), or wait elsewhere");
    }
  }
}
