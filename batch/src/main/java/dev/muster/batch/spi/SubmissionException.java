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
  private final boolean full;

  /**
   * Creates an exception.
   *
   * @param job the name of the job, {@link JobSpec#name()}
   * @param message what was tried, what came back, what to do
   * @param retryable whether the same submission may succeed later
   */
  public SubmissionException(String job, String message, boolean retryable) {
    this(job, message, retryable, false);
  }

  private SubmissionException(String job, String message, boolean retryable, boolean full) {
    super(message);
    this.job = job;
    this.retryable = retryable;
    this.full = full;
  }

  /**
   * Returns an exception that says that the batch system takes no more jobs for now, or not so many.
   *
   * @param job the name of the job, {@link JobSpec#name()}
   * @param message what was tried, what came back, what to do
   */
  public static SubmissionException full(String job, String message) {
    return new SubmissionException(job, message, true, true);
  }

  /** Returns the name of the job. */
  public String job() {
    return job;
  }

  /** Tells whether fewer jobs may be taken, or as many when others have ended. */
  public boolean full() {
    return full;
  }

  /** Tells whether the batch system was away or its answer unclear; false if it refused, and would again. */
  @Override
  public boolean retryable() {
    return retryable;
  }
}
