package dev.muster.run;

import dev.muster.error.MusterException;
import org.jspecify.annotations.Nullable;

/**
 * A failure whose kind is known, thrown by operations, modifiers and backends. What else they throw is {@link FailureKind#OPERATION}.
 *
 * @since 0.1
 */
public class TaskException extends MusterException {
  private static final long serialVersionUID = 1L;

  private final FailureKind kind;

  /** Creates a failure. */
  public TaskException(FailureKind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Returns the kind of failure. */
  public FailureKind kind() {
    return kind;
  }

  @Override
  public boolean retryable() {
    return kind.retryable();
  }
}
