package dev.muster.value;

import dev.muster.error.MusterException;
import org.jspecify.annotations.Nullable;

/**
 * A value that cannot be encoded, or a text that is no encoded value. A task that it fails has the failure kind {@code
 * SERIALIZATION}.
 *
 * @since 0.1
 */
public final class ValueException extends MusterException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which part of which value it is, and why
   */
  public ValueException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
