package dev.muster.run;

import dev.muster.error.MusterException;

/**
 * A thread was interrupted while it waited for a run. The thread's interrupt flag is set again; the run goes on.
 *
 * @since 0.1
 */
public final class RunInterruptedException extends MusterException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception for the waiting thread. */
  public RunInterruptedException(InterruptedException cause) {
    super("interrupted while waiting for the run; the run goes on", cause);
  }
}
