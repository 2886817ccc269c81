package dev.muster.error;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workflow or execution that cannot be loaded, planned or started, with all its problems at once; its message has
 * the first hundred.
 *
 * @since 0.1
 */
public final class WorkflowException extends MusterException {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 100;

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

  /** Creates an exception for a single problem with what a path such as {@code execution.config.walltime} leads to. */
  public WorkflowException(String path, String message, @Nullable String suggestion) {
    this(List.of(new Problem(null, path, message, suggestion)));
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
    for (Problem problem : problems.subList(0, Math.min(SHOWN, problems.size()))) {
      text.append('\n').append(problem);
    }
    if (problems.size() > SHOWN) {
      text.append("\nand ").append(problems.size() - SHOWN).append(" more");
    }
    return text.toString();
  }
}
