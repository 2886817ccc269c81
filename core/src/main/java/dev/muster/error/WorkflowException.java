package dev.muster.error;

import java.util.List;

/**
 * A workflow or execution that cannot be loaded, planned or started, with all its problems at once.
 *
 * @since 0.1
 */
public final class WorkflowException extends MusterException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /**
   * Creates an exception that lists {@code problems}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public WorkflowException(List<Problem> problems) {
    super(text(problems));
    this.problems = List.copyOf(problems);
  }

  /** Creates an exception for a single problem without a place. */
  public WorkflowException(String message) {
    this(List.of(new Problem(null, "", message, null)));
  }

  /** Returns the problems, in the order of the document; at least one. */
  public List<Problem> problems() {
    return problems;
  }

  private static String text(List<Problem> problems) {
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("at least one problem is needed");
    }
    if (problems.size() == 1) {
      return problems.get(0).toString();
    }
    StringBuilder text = new StringBuilder().append(problems.size()).append(" problems");
    for (Problem problem : problems) {
      text.append('\n').append(problem);
    }
    return text.toString();
  }
}
