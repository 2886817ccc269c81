package dev.muster.error;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything that Muster throws about the outside world: files, processes, schedulers, user code.
 *
 * <p>A wrong argument in Java code is an {@link IllegalArgumentException} instead.
 *
 * @since 0.1
 */
public class MusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception that says what was tried, what was seen and what to do next. */
  public MusterException(String message) {
    super(Visible.text(message));
  }

  /** Creates an exception with its cause. */
  public MusterException(String message, @Nullable Throwable cause) {
    super(Visible.text(message), cause);
  }

  /** Tells whether the same call may succeed later without any change; false unless a subclass knows better. */
  public boolean retryable() {
    return false;
  }
}
