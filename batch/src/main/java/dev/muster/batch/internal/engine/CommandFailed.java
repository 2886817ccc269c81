package dev.muster.batch.internal.engine;

import java.io.Serial;

/** A command gave no answer: it could not be started, or it took too long and was ended. */
final class CommandFailed extends Exception {
  @Serial
  private static final long serialVersionUID = 1L;

  private final boolean started;

  CommandFailed(String message, boolean started) {
    super(message);
    this.started = started;
  }

  /** Tells whether it ran, so that it may have done its work. */
  boolean started() {
    return started;
  }
}
