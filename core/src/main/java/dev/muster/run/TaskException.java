package dev.muster.run;

import dev.muster.error.MusterException;
import org.jspecify.annotations.Nullable;

/**
 * A failure whose kind is known, thrown by operations, modifiers and backends. What else they throw is
 * {@link FailureKind#OPERATION}.
 *
 * @since 0.1
 */
public class TaskException extends MusterException {
  private static final long serialVersionUID = 1L;

  private final FailureKind kind;
  private final @Nullable Integer exitCode;

  /** Creates a failure. */
  public TaskException(FailureKind kind, String message, @Nullable Throwable cause) {
    this(kind, message, null, cause);
  }

  /**
   * Creates a failure of something that ended with an exit code.
   *
   * @param exitCode the exit code, 128 plus the number of a signal that ended it; null if it is not known
   */
  public TaskException(
      FailureKind kind, String message, @Nullable Integer exitCode, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.exitCode = exitCode;
  }

  /** Returns the kind of failure. */
  public FailureKind kind() {
    return kind;
  }

  /** Returns the exit code of the command or process that failed, or null if there is none or it is not known. */
  public @Nullable Integer exitCode() {
    return exitCode;
  }

  @Override
  public boolean retryable() {
    return kind.retryable();
  }
}
