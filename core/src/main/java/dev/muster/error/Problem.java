package dev.muster.error;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a workflow, an execution or a plan.
 *
 * <p>Immutable and thread-safe.
 *
 * @param location where it stands in a file, or null if it was built in Java
 * @param path the path in the document, for example {@code analysis.stages[2].execution.require}; may be empty
 * @param message what is wrong, one sentence without a full stop
 * @param suggestion what to do, for example {@code did you mean 'gpu'?}, or null
 * @since 0.1
 */
public record Problem(
    @Nullable SourceLocation location,
    String path,
    String message,
    @Nullable String suggestion) {
  /** Creates a problem; what is hidden in its texts is made visible, see {@link Visible}. */
  public Problem {
    path = Visible.line(path);
    message = Visible.text(message);
    suggestion = suggestion == null ? null : Visible.text(suggestion);
  }

  /** Returns {@code file:line:column: path: message; suggestion}, less the parts that are absent. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (location != null) {
      text.append(location).append(": ");
    }
    if (!path.isEmpty()) {
      text.append(path).append(": ");
    }
    text.append(message.replace("\n", "\n    "));
    if (suggestion != null) {
      text.append("; ").append(suggestion.replace("\n", "\n    "));
    }
    return text.toString();
  }
}
