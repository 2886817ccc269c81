package dev.muster.error;

import dev.muster.error.Diagnostic.Severity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong and what is doubtful: each once, in the order of the files, what has no place first. Bounded:
 * of more than a thousand errors or warnings the
 * last one says how many are not listed. Not thread-safe.
 *
 * @since 0.1
 */
public final class Diagnostics {
  private static final int MOST = 1000;
  private static final int MOST_SUGGESTIONS = 100;
  private static final Comparator<Problem> BY_PLACE = Comparator.comparing(
      Problem::location,
      Comparator.nullsFirst(Comparator.comparing(SourceLocation::file)
          .thenComparingInt(SourceLocation::line)
          .thenComparingInt(SourceLocation::column)));

  private final Some errors = new Some("problems");
  private final Some warnings = new Some("warnings");
  private int suggestions;

  /** Creates a collector that has nothing. */
  public Diagnostics() {}

  /** Adds what keeps a run from starting. */
  public void error(Problem problem) {
    errors.add(problem);
  }

  /** Adds what somebody should look at. */
  public void warning(Problem problem) {
    warnings.add(problem);
  }

  /** Adds errors. */
  public void errors(Collection<Problem> problems) {
    problems.forEach(errors::add);
  }

  /** Returns what somebody probably meant; null after a hundred of them, when nobody reads on. */
  public @Nullable String didYouMean(String word, Collection<String> known) {
    return suggestions++ < MOST_SUGGESTIONS ? Suggestions.didYouMean(word, known) : null;
  }

  /** Tells whether there are errors. */
  public boolean hasErrors() {
    return !errors.found.isEmpty();
  }

  /** Tells whether there are more errors than are listed. */
  public boolean isFull() {
    return errors.found.size() >= MOST;
  }

  /** Returns the errors. */
  public List<Problem> errors() {
    return errors.sorted();
  }

  /** Returns the warnings. */
  public List<Problem> warnings() {
    return warnings.sorted();
  }

  /** Returns errors and warnings. */
  public List<Diagnostic> list() {
    List<Diagnostic> list = new ArrayList<>();
    errors.found.values().forEach(each -> list.add(new Diagnostic(Severity.ERROR, each)));
    warnings.found.values().forEach(each -> list.add(new Diagnostic(Severity.WARNING, each)));
    list.sort(Comparator.comparing(Diagnostic::problem, BY_PLACE));
    errors.rest().ifPresent(each -> list.add(new Diagnostic(Severity.ERROR, each)));
    warnings.rest().ifPresent(each -> list.add(new Diagnostic(Severity.WARNING, each)));
    return List.copyOf(list);
  }

  /**
   * Throws if there are errors.
   *
   * @throws WorkflowException listing them
   */
  public void throwIfErrors() {
    if (hasErrors()) {
      throw new WorkflowException(errors());
    }
  }

  private record Key(Object place, String message) {
    static Key of(Problem problem) {
      return new Key(
          Objects.requireNonNullElse(problem.location(), problem.path()), problem.message());
    }
  }

  private static final class Some {
    private final String name;
    private final Map<Key, Problem> found = new LinkedHashMap<>();
    private int more;

    Some(String name) {
      this.name = name;
    }

    void add(Problem problem) {
      if (found.size() < MOST) {
        found.putIfAbsent(Key.of(problem), problem);
      } else if (!found.containsKey(Key.of(problem))) {
        more++;
      }
    }

    List<Problem> sorted() {
      List<Problem> sorted = new ArrayList<>(found.values());
      sorted.sort(BY_PLACE);
      rest().ifPresent(sorted::add);
      return sorted;
    }

    Optional<Problem> rest() {
      return more == 0
          ? Optional.empty()
          : Optional.of(new Problem(null, "", more + " more " + name + " are not listed", null));
    }
  }
}
