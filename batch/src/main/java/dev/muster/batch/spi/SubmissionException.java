package dev.muster.batch.spi;

import dev.muster.error.MusterException;
import java.io.Serial;

/**
 * Says that jobs could not be submitted; none of them is in the queue, or what may be was cancelled.
 *
 * <p>Its message has the command, its exit code and the batch system's own words.
 *
 * @since 0.1
 */
public final class SubmissionException extends MusterException {
  @Serial
  private static final long serialVersionUID = 1L;

  private final String job;
  private final boolean retryable;

  /**
   * Creates an exception.
   *
   * @param job the name of the job, {@link JobSpec#name()}
   * @param message what was tried, what came back, what to do
   * @param retryable whether the same submission may succeed later
   */
  public SubmissionException(String job, String message, boolean retryable) {
    super(message);
    this.job = job;
    this.retryable = retryable;
  }

  /** Returns the name of the job. */
  public String job() {
    return job;
  }

  /** Tells whether the batch system was away or its answer unclear; false if it refused, and would again. */
  @Override
  public boolean retryable() {
    return retryable;
  }
}
