package dev.muster.run;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a task.
 *
 * <p>Immutable and thread-safe.
 *
 * @param kind the kind of failure
 * @param message what was tried and seen: for a command its argv, exit code and the end of its log
 * @param cause the exception where there was one in this JVM, or null
 * @since 0.1
 */
public record TaskFailure(
    FailureKind kind, String message, @Nullable Throwable cause) {
  /** Returns a failure without an exception. */
  public static TaskFailure of(FailureKind kind, String message) {
    return new TaskFailure(kind, message, null);
  }
}
