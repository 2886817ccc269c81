package dev.muster.internal.yaml;

import dev.muster.error.Diagnostics;
import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with one file, and the paths of what could not be read. Bounded as {@link Diagnostics} are.
 * Not
 * thread-safe.
 */
final class Problems {
  private static final int MOST_WARNINGS = 100;

  private final String file;
  private final Diagnostics found = new Diagnostics();
  private final List<String> unread = new ArrayList<>();
  private int warnings;

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
    add(line, column, path, message, suggestion, path);
  }

  /** Notes a problem that leaves another value unread than the one where it stands. */
  void add(
      int line,
      int column,
      String path,
      String message,
      @Nullable String suggestion,
      String unreadPath) {
    found.error(new Problem(location(line, column), path, message, suggestion));
    unread(unreadPath);
  }

  void add(Node node, Where where, String message, @Nullable String suggestion) {
    add(node.line(), node.column(), where.toString(), message, suggestion);
  }

  /** Notes what is doubtful, but keeps nothing from running. */
  void warn(int line, int column, String path, String message, @Nullable String suggestion) {
    if (warnings++ < MOST_WARNINGS) {
      found.warning(new Problem(location(line, column), path, message, suggestion));
    }
  }

  /** Returns what is doubtful: the first hundred. */
  List<Problem> warnings() {
    return found.warnings();
  }

  /** Takes up the problems of another file that this one names; those without a place get that of the name. */
  void addAll(List<Problem> others, Node named) {
    for (Problem other : others) {
      found.error(
          other.location() != null
              ? other
              : new Problem(
                  location(named.line(), named.column()),
                  other.path(),
                  other.message(),
                  other.suggestion()));
    }
  }

  /** Notes that a value could not be read, and that this is told. */
  void unread(String path) {
    if (!isFull()) {
      unread.add(path);
    }
  }

  /** Returns the paths of what could not be read; it grows. */
  List<String> unread() {
    return unread;
  }

  /** Tells whether there are so many problems that the rest is only counted, and what was not read is not known. */
  boolean isFull() {
    return found.isFull();
  }

  /** Looks for the word that was meant; null after many problems, for it takes time. */
  @Nullable
  String didYouMean(String word, Collection<String> known) {
    return found.didYouMean(word, known);
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
    return !found.hasErrors();
  }

  /** Returns the problems. */
  List<Problem> all() {
    return found.errors();
  }

  /** Returns an exception with one more problem, at which reading cannot go on. */
  WorkflowException fatal(
      int line, int column, Where where, String message, @Nullable String suggestion) {
    add(line, column, where.toString(), message, suggestion);
    return new WorkflowException(all());
  }

  void throwIfAny() {
    found.throwIfErrors();
  }
}
