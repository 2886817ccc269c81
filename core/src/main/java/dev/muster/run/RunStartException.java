package dev.muster.run;

import dev.muster.error.MusterException;

/**
 * A run could not start, because a backend or something that it needs could not be opened. It is the
 * {@link RunResult#error()} of the run. No task was started, and nothing is left running.
 *
 * @since 0.1
 */
public final class RunStartException extends MusterException {
  private static final long serialVersionUID = 1L;

  private final Throwable reason;

  /** Creates an exception with the message of its reason. */
  public RunStartException(Throwable reason) {
    super(
        reason instanceof MusterException ? String.valueOf(reason.getMessage()) : reason.toString(),
        reason);
    this.reason = reason;
  }

  /** Returns what was thrown, for example a {@link dev.muster.error.WorkflowException}. */
  public Throwable reason() {
    return reason;
  }

  @Override
  public boolean retryable() {
    return reason instanceof MusterException known && known.retryable();
  }
}
