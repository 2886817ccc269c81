package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.workflow.Stage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What planning finds: problems, of which it reports all at once, and warnings. Not thread-safe. */
final class Findings {
  private static final int MAX_SUGGESTIONS = 100;
  private static final Comparator<Problem> BY_PLACE = Comparator.comparing(
      Problem::location,
      Comparator.nullsFirst(Comparator.comparing(SourceLocation::file)
          .thenComparingInt(SourceLocation::line)
          .thenComparingInt(SourceLocation::column)));

  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private int suggestions;

  void problem(Problem problem) {
    problems.add(problem);
  }

  /** Adds a problem of the whole workflow. */
  void problem(String path, String message, @Nullable String suggestion) {
    problems.add(new Problem(null, path, message, suggestion));
  }

  /** Adds a problem of a stage. */
  void problem(Stage stage, String path, String message, @Nullable String suggestion) {
    problems.add(of(stage, path, message, suggestion));
  }

  void warning(Problem warning) {
    warnings.add(warning);
  }

  /** Adds a warning about the whole workflow. */
  void warning(String path, String message, @Nullable String suggestion) {
    warnings.add(new Problem(null, path, message, suggestion));
  }

  /** Adds a warning about a stage. */
  void warning(Stage stage, String path, String message, @Nullable String suggestion) {
    warnings.add(of(stage, path, message, suggestion));
  }

  private static Problem of(Stage stage, String path, String message, @Nullable String suggestion) {
    return new Problem(stage.location(), "stage " + stage.id() + path, message, suggestion);
  }

  /** Returns what somebody probably meant; null once there are so many of them that nobody reads on. */
  @Nullable
  String didYouMean(String word, Collection<String> known) {
    return suggestions++ < MAX_SUGGESTIONS ? Suggestions.didYouMean(word, known) : null;
  }

  boolean hasProblems() {
    return !problems.isEmpty();
  }

  /** Returns an exception that lists the problems, in the order of the document. */
  WorkflowException exception() {
    return new WorkflowException(problems.stream().sorted(BY_PLACE).toList());
  }

  ImmutableList<Problem> warnings() {
    return ImmutableList.sortedCopyOf(BY_PLACE, warnings);
  }
}
