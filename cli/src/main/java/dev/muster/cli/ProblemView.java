package dev.muster.cli;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Writes problems for people: the place first, then the line of the file with a mark under the column, and what to do.
 * Pure; the lines of files come from a function.
 */
final class ProblemView {
  private static final int MOST = 100;
  private static final int MAX_COLUMNS = 100;
  private static final int BEFORE_COLUMN = 60;

  private ProblemView() {}

  /**
   * Writes the first hundred problems, an empty line between any two, and the number of all at the end.
   *
   * @param sources a file's lines by its name; empty if it cannot be read
   */
  static List<String> render(
      List<Problem> problems, Function<String, List<String>> sources, Style style) {
    List<String> lines = new ArrayList<>();
    for (Problem problem : first(problems)) {
      add(problem, style.red("error: "), sources, style, lines);
      lines.add("");
    }
    if (problems.size() > MOST) {
      lines.add("and " + (problems.size() - MOST) + " more");
      lines.add("");
    }
    TreeSet<String> files = new TreeSet<>();
    for (Problem problem : problems) {
      if (problem.location() != null) {
        files.add(problem.location().file());
      }
    }
    String where = files.size() == 1 ? " in " + files.first() : "";
    lines.add(style.bold(Text.count(problems.size(), "problem") + where));
    return lines;
  }

  /** Writes what is worth knowing but keeps nothing from running. */
  static List<String> warnings(
      List<Problem> warnings, Function<String, List<String>> sources, Style style) {
    List<String> lines = new ArrayList<>();
    for (Problem warning : first(warnings)) {
      add(warning, style.yellow("warning: "), sources, style, lines);
    }
    if (warnings.size() > MOST) {
      lines.add("and " + Text.count(warnings.size() - MOST, "more warning"));
    }
    return lines;
  }

  private static List<Problem> first(List<Problem> problems) {
    return problems.subList(0, Math.min(MOST, problems.size()));
  }

  private static void add(
      Problem problem,
      String severity,
      Function<String, List<String>> sources,
      Style style,
      List<String> lines) {
    SourceLocation location = problem.location();
    String place = location == null ? "" : style.bold(location + ":") + " ";
    List<String> message = Text.lines(problem.message());
    lines.add(place + severity + (message.isEmpty() ? "" : message.get(0)));
    message.stream().skip(1).forEach(line -> lines.add("    " + line));
    if (location != null) {
      excerpt(location, sources.apply(location.file()), style, lines);
    }
    if (!problem.path().isEmpty()) {
      lines.add("  " + style.dim("at   " + Text.harmless(problem.path())));
    }
    String suggestion = problem.suggestion();
    if (suggestion != null) {
      lines.add("  " + style.dim("help ") + style.cyan(Text.harmless(suggestion)));
    }
  }

  private static void excerpt(
      SourceLocation location, List<String> source, Style style, List<String> lines) {
    if (location.line() < 1 || location.line() > source.size()) {
      return;
    }
    String line = source.get(location.line() - 1);
    int column = Math.min(Math.max(0, location.column() - 1), line.length());
    int from = column > BEFORE_COLUMN ? column - BEFORE_COLUMN : 0;
    if (from > 0 && Character.isLowSurrogate(line.charAt(from))) {
      from--;
    }
    String before =
        (from > 0 ? style.ellipsis() : "") + Text.harmless(line.substring(from, column));
    String shown = Text.clip(before + Text.harmless(line.substring(column)), MAX_COLUMNS, style);
    if (shown.isBlank()) {
      return;
    }
    String number = Integer.toString(location.line());
    lines.add(style.dim(Text.right(number, 5) + " " + style.bar()) + " " + shown);
    lines.add(
        style.dim("      " + style.bar()) + " " + " ".repeat(Text.width(before)) + style.red("^"));
  }
}
