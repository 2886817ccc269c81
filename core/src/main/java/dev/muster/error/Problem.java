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
 * @param kind whether the text is wrong, or something is not installed here
 * @since 0.1
 */
public record Problem(
    @Nullable SourceLocation location,
    String path,
    String message,
    @Nullable String suggestion,
    Kind kind) {
  /** What kind of problem it is. */
  public enum Kind {
    /** What is said cannot work anywhere. */
    WRONG,
    /** An operation or a modifier is not installed here; it may be elsewhere. */
    NOT_INSTALLED
  }

  /** Creates a problem; what is hidden in its texts is made visible, see {@link Visible}. */
  public Problem {
    path = Visible.line(path);
    message = Visible.text(message);
    suggestion = suggestion == null ? null : Visible.text(suggestion);
  }

  /** Creates a problem of the kind {@link Kind#WRONG}. */
  public Problem(
      @Nullable SourceLocation location, String path, String message, @Nullable String suggestion) {
    this(location, path, message, suggestion, Kind.WRONG);
  }

  /** Creates a problem of the kind {@link Kind#NOT_INSTALLED}. */
  public static Problem notInstalled(
      @Nullable SourceLocation location, String path, String message, @Nullable String suggestion) {
    return new Problem(location, path, message, suggestion, Kind.NOT_INSTALLED);
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
