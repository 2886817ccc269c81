package dev.muster.run;

import dev.muster.error.MusterException;
import org.jspecify.annotations.Nullable;

/**
 * A run that did not succeed, with its result.
 *
 * @since 0.1
 */
public final class RunFailedException extends MusterException {
  private static final long serialVersionUID = 1L;

  private final transient RunResult result;

  /** Creates an exception for a result. */
  public RunFailedException(RunResult result) {
    super(message(result), cause(result));
    this.result = result;
  }

  /** Returns the result. */
  public RunResult result() {
    return result;
  }

  private static @Nullable Throwable cause(RunResult result) {
    if (result.error() != null || result.failures().isEmpty()) {
      return result.error();
    }
    TaskFailure failure = result.failures().get(0).failure();
    return failure == null ? null : failure.cause();
  }

  private static String message(RunResult result) {
    if (result.status() == RunStatus.CANCELLED) {
      return "the run was cancelled" + (result.reason() == null ? "" : ": " + result.reason());
    }
    if (result.error() != null) {
      return "the run failed: " + result.error().getMessage();
    }
    if (result.failures().isEmpty()) {
      return "the run failed";
    }
    TaskResult first = result.failures().get(0);
    TaskFailure failure = first.failure();
    String text = first.name() + " failed"
        + (failure == null ? "" : " (" + failure.kind() + "): " + failure.message());
    int more = result.failures().size() - 1;
    String all = more == 0 ? text : text + " (and " + more + " more)";
    return result.status() == RunStatus.INCOMPLETE
        ? "the run ended with missing parts, which the workflow tolerates: " + all
        : all;
  }
}
