package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.error.Diagnostics;
import dev.muster.error.Problem;
import dev.muster.error.Unread;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What planning finds: problems, of which it reports all at once, and warnings. Not thread-safe. */
final class Findings {
  private final Workflow workflow;
  private final Unread unread;
  private final Diagnostics found = new Diagnostics();

  /**
   * @param unread what of the workflow could not be read
   */
  Findings(Workflow workflow, Unread unread) {
    this.workflow = workflow;
    this.unread = unread;
  }

  /** Tells whether a value of a stage, or what surrounds it, could not be read, or something within it. */
  boolean unread(Stage stage, String path) {
    return !unread.isEmpty() && unread.touches("stage " + stage.id() + path);
  }

  /** Tells whether something of the data could not be read. */
  boolean dataUnread() {
    return unread.touches("data");
  }

  void problem(Problem problem) {
    found.error(problem);
  }

  /**
   * Adds a problem of the whole workflow.
   *
   * @param at where it stands, as the workflow knows it
   */
  void problem(String at, String path, String message, @Nullable String suggestion) {
    found.error(new Problem(workflow.location(at), path, message, suggestion));
  }

  /** Adds a problem of a stage. */
  void problem(Stage stage, String path, String message, @Nullable String suggestion) {
    found.error(of(stage, path, message, suggestion));
  }

  void warning(Problem warning) {
    found.warning(warning);
  }

  /** Adds a warning about the whole workflow. */
  void warning(String at, String path, String message, @Nullable String suggestion) {
    found.warning(new Problem(workflow.location(at), path, message, suggestion));
  }

  /** Adds a warning about a stage. */
  void warning(Stage stage, String path, String message, @Nullable String suggestion) {
    found.warning(of(stage, path, message, suggestion));
  }

  private static Problem of(Stage stage, String path, String message, @Nullable String suggestion) {
    return new Problem(
        stage.location(path.substring(1)), "stage " + stage.id() + path, message, suggestion);
  }

  /** Returns what somebody probably meant; null once there are so many of them that nobody reads on. */
  @Nullable
  String didYouMean(String word, Collection<String> known) {
    return found.didYouMean(word, known);
  }

  boolean hasProblems() {
    return found.hasErrors();
  }

  /** Returns the problems, in the order of the document. */
  List<Problem> problems() {
    return found.errors();
  }

  ImmutableList<Problem> warnings() {
    return ImmutableList.copyOf(found.warnings());
  }
}
