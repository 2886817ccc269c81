package dev.muster.run;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a task.
 *
 * <p>Immutable and thread-safe.
 *
 * @param kind the kind of failure
 * @param message what was tried and seen: for a command its argv, exit code and the end of its log
 * @param exitCode the exit code of the task's command or of the process that carried it out, 1 to 255, and 128 plus the
 *     number of a signal that ended it; null if there is none or it is not known
 * @param cause the exception where there was one in this JVM, or null
 * @since 0.1
 */
public record TaskFailure(
    FailureKind kind,
    String message,
    @Nullable Integer exitCode,
    @Nullable Throwable cause) {
  /** Creates a failure without an exit code. */
  public TaskFailure(FailureKind kind, String message, @Nullable Throwable cause) {
    this(kind, message, null, cause);
  }

  /** Returns a failure without an exception. */
  public static TaskFailure of(FailureKind kind, String message) {
    return new TaskFailure(kind, message, null, null);
  }

  /** Returns a failure without an exception, of something that ended with an exit code, where that is known. */
  public static TaskFailure of(FailureKind kind, String message, @Nullable Integer exitCode) {
    return new TaskFailure(kind, message, exitCode, null);
  }
}
