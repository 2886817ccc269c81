package dev.muster.error;

import java.util.List;

/**
 * Something that a check found.
 *
 * <p>Immutable and thread-safe.
 *
 * @param severity whether it keeps a run from starting
 * @param problem what it is, and where
 * @since 0.1
 */
public record Diagnostic(Severity severity, Problem problem) {
  /** How bad it is. */
  public enum Severity {
    /** A run is refused. */
    ERROR,
    /** A run starts; somebody should look at it. */
    WARNING
  }

  /** Tells whether it keeps a run from starting. */
  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** Tells whether it is about an operation or a modifier that is not installed here. */
  public boolean isNotInstalled() {
    return problem.kind() == Problem.Kind.NOT_INSTALLED;
  }

  /**
   * Throws if there are errors among diagnostics.
   *
   * @throws WorkflowException listing the errors, in their order
   */
  public static void throwIfErrors(List<Diagnostic> diagnostics) {
    List<Problem> errors = diagnostics.stream()
        .filter(Diagnostic::isError)
        .map(Diagnostic::problem)
        .toList();
    if (!errors.isEmpty()) {
      throw new WorkflowException(errors);
    }
  }

  /** Returns {@code error: } or {@code warning: }, and the problem. */
  @Override
  public String toString() {
    return (isError() ? "error: " : "warning: ") + problem;
  }
}
