package dev.muster.internal.yaml;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with one file. Bounded: after the first thousand it only counts. Not thread-safe. */
final class Problems {
  private static final int MOST = 1000;
  private static final int MOST_SUGGESTIONS = 100;
  private static final int MOST_WARNINGS = 100;
  private static final Comparator<Problem> BY_PLACE = Comparator.comparingInt((Problem problem) ->
          problem.location() == null ? 0 : problem.location().line())
      .thenComparingInt(
          problem -> problem.location() == null ? 0 : problem.location().column());

  private final String file;
  private final List<Problem> found = new ArrayList<>();
  private final List<Problem> elsewhere = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private int more;

  Problems(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  SourceLocation location(int line, int column) {
    return new SourceLocation(file, line, column);
  }

  void add(int line, int column, String path, String message, @Nullable String suggestion) {
    if (found.size() >= MOST) {
      more++;
      return;
    }
    found.add(new Problem(location(line, column), path, message, suggestion));
  }

  void add(Node node, Where where, String message, @Nullable String suggestion) {
    if (found.size() >= MOST) {
      more++;
      return;
    }
    add(node.line(), node.column(), where.toString(), message, suggestion);
  }

  /** Notes what is doubtful, but keeps nothing from running. */
  void warn(int line, int column, String path, String message, @Nullable String suggestion) {
    if (warnings.size() < MOST_WARNINGS) {
      warnings.add(new Problem(location(line, column), path, message, suggestion));
    }
  }

  /** Returns what is doubtful: the first hundred. */
  List<Problem> warnings() {
    return warnings;
  }

  /** Takes up the problems of another file that this one names. */
  void addAll(WorkflowException other) {
    elsewhere.addAll(other.problems());
  }

  /** Looks for the word that was meant; null after many problems, for it takes time. */
  @Nullable
  String didYouMean(String word, Collection<String> known) {
    return found.size() >= MOST_SUGGESTIONS ? null : Suggestions.didYouMean(word, known);
  }

  /** Makes a value; what its type refuses becomes a problem at {@code node}, and null is returned. */
  <T> @Nullable T checked(Node node, Where where, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      String message = e.getMessage();
      add(node, where, message == null ? "the value is out of range" : message, null);
      return null;
    }
  }

  boolean isEmpty() {
    return found.isEmpty() && elsewhere.isEmpty();
  }

  /** Returns an exception with one more problem, at which reading cannot go on. */
  WorkflowException fatal(
      int line, int column, Where where, String message, @Nullable String suggestion) {
    found.add(new Problem(location(line, column), where.toString(), message, suggestion));
    return exception();
  }

  void throwIfAny() {
    if (!isEmpty()) {
      throw exception();
    }
  }

  private WorkflowException exception() {
    List<Problem> all = new ArrayList<>(found);
    all.sort(BY_PLACE);
    if (more > 0) {
      all.add(new Problem(null, "", more + " more problems are not listed", null));
    }
    all.addAll(elsewhere);
    return new WorkflowException(all);
  }
}
