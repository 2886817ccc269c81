package dev.muster.fasthep;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.spi.WorkflowText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong or doubtful in a file, with its place. Not thread-safe. */
final class Notes {
  private final WorkflowText text;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  Notes(WorkflowText text) {
    this.text = text;
  }

  /** Returns where a value stands, or null if it is not in the file: a profile may have it. */
  @Nullable
  SourceLocation place(String path) {
    Object[] steps = path.split("\\.", -1);
    return text.value(steps) == null ? null : text.place(steps);
  }

  /** Tells whether the file says this itself. A compiled plan has defaults too, so it says nothing. */
  boolean says(String path) {
    return place(path) != null && !Recogniser.isPlan(text);
  }

  /** Returns the keys of a mapping of the file; none where there is no such mapping. */
  Set<?> keys(String path) {
    return text.value((Object[]) path.split("\\.", -1)) instanceof Map<?, ?> map
        ? map.keySet()
        : Set.of();
  }

  /**
   * Notes what is wrong.
   *
   * @param path in the file, such as {@code execution.config.queue}
   */
  void refuse(String path, String message, @Nullable String instead) {
    problems.add(new Problem(place(path), path, message, instead));
  }

  /** Notes what is doubtful. */
  void warn(String path, String message, @Nullable String instead) {
    warnings.add(new Problem(place(path), path, message, instead));
  }

  /** Returns what is doubtful. */
  List<Problem> warnings() {
    return warnings;
  }

  /**
   * Throws what is wrong.
   *
   * @throws WorkflowException if anything is; lists all
   */
  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }
}
