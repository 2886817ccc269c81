package dev.muster.internal.yaml;

import dev.muster.error.WorkflowException;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;

/** Says in plain words what the YAML parser stumbled over. */
final class SyntaxErrors {
  private SyntaxErrors() {}

  static WorkflowException explain(YamlEngineException error, Problems problems) {
    if (error instanceof YamlVersionException) {
      return problems.fatal(
          1, 1, Where.ROOT, "the %YAML directive names an unknown version", "remove the directive");
    }
    if (!(error instanceof MarkedYamlEngineException marked)) {
      return problems.fatal(
          1, 1, Where.ROOT, "this is not YAML: " + firstLine(error.getMessage()), null);
    }
    String problem = firstLine(marked.getProblem());
    String context = firstLine(marked.getContext());
    Mark at = marked.getProblemMark().orElse(null);
    Mark from = marked.getContextMark().orElse(at);
    Said said = said(problem, context);
    Mark mark = said.atStart() ? from : at;
    String opened = from == null || at == null || said.atStart() || from.getLine() == at.getLine()
        ? ""
        : " (it starts at line " + (from.getLine() + 1) + ")";
    return problems.fatal(
        mark == null ? 1 : mark.getLine() + 1,
        mark == null ? 1 : mark.getColumn() + 1,
        Where.ROOT,
        said.message() + (said.showStart() ? opened : ""),
        said.suggestion());
  }

  private record Said(
      String message, @Nullable String suggestion, boolean atStart, boolean showStart) {
    static Said at(String message, @Nullable String suggestion) {
      return new Said(message, suggestion, false, false);
    }

    static Said within(String message, @Nullable String suggestion) {
      return new Said(message, suggestion, false, true);
    }

    static Said start(String message, @Nullable String suggestion) {
      return new Said(message, suggestion, true, false);
    }
  }

  private static Said said(String problem, String context) {
    if (problem.contains("\\t(TAB)")) {
      return Said.at("a tab stands where only spaces may", "indent with spaces");
    }
    if (problem.startsWith("mapping values are not allowed")) {
      return Said.at(
          "a ':' stands where no key can be",
          "quote the text if the ':' belongs to it, or check the indentation of this line");
    }
    if (problem.contains("that cannot start any token")) {
      return Said.at(
          "a value cannot start with " + between(problem, "found character ", " that"),
          "quote the text");
    }
    if (context.contains("quoted scalar")
        && (problem.contains("unexpected end of stream")
            || problem.contains("document separator"))) {
      return Said.start("the quote that starts here never ends", "close it");
    }
    if (problem.contains("unknown escape character") || problem.contains("escape sequence")) {
      return Said.at(
          "a backslash in double quotes starts an escape, and this one is unknown",
          "write \\\\ for a backslash, or use single quotes");
    }
    if (problem.startsWith("expected ',' or ']'")) {
      return brackets("list", "]", problem);
    }
    if (problem.startsWith("expected ',' or '}'")) {
      return brackets("mapping", "}", problem);
    }
    if (problem.startsWith("expected the node content")) {
      return Said.at(
          problem.contains("<stream end>")
              ? "the file ends where a value should be"
              : "a value should be here, but there is " + found(problem),
          "quote the text if it starts with a special character");
    }
    return structure(problem, context);
  }

  private static Said brackets(String what, String end, String problem) {
    if (problem.contains("<stream end>")) {
      return Said.start("the " + what + " that starts here never ends", "close it with " + end);
    }
    return Said.within(
        "a ',' or '" + end + "' should be here, but there is " + found(problem),
        "separate the entries with ',' and close the " + what + " with " + end);
  }

  private static Said structure(String problem, String context) {
    if (problem.startsWith("expected <block end>")) {
      return misplaced(found(problem), context.contains("mapping") ? "mapping" : "list");
    }
    if (problem.startsWith("expected '<document start>'")) {
      return Said.at(
          "this does not belong to the document before it",
          "check the indentation: the first line sets the column of all top-level keys");
    }
    if (problem.startsWith("could not find expected ':'")) {
      return Said.start("a ':' is missing after this key", "write KEY: VALUE");
    }
    if (context.contains("alias") || context.contains("anchor")) {
      String sign = context.contains("alias") ? "*" : "&";
      return Said.start(
          "a name should follow the '" + sign + "'",
          "quote the text if it starts with '" + sign + "'");
    }
    if (context.contains("block scalar")) {
      return Said.at(
          "only -, + or a digit may follow the '|' or '>' of a block of text",
          "start the text on the next line, or quote it");
    }
    if (context.contains("tag")) {
      return Said.start("this is not a tag", "quote the text if it starts with '!'");
    }
    if (context.contains("directive")) {
      return Said.at("this is not a directive", "quote the text if it starts with '%'");
    }
    return Said.at("this is not YAML: " + problem, null);
  }

  private static Said misplaced(String found, String around) {
    if (found.equals("more text")) {
      return Said.at(
          "there is more text after the end of the value",
          "quote the whole text; in single quotes, write '' for a quote");
    }
    if (found.startsWith("'") && !found.equals("'-'")) {
      return Said.at(found + " closes or separates nothing", "remove it, or quote the text");
    }
    String message = switch (found) {
      case "a key" -> "this key does not line up with the " + around + " around it";
      case "a '-'" ->
        around.equals("mapping")
            ? "a list entry stands where a key of the mapping around it should be"
            : "this '-' does not line up with the list around it";
      default -> "this line does not line up with the " + around + " around it";
    };
    return Said.within(
        message, "entries of one " + around + " start at one column; check the indentation");
  }

  /** Names the token that a message of the parser ends with. */
  private static String found(String problem) {
    int from = problem.lastIndexOf("found '");
    String token;
    if (from >= 0) {
      token = problem.substring(from + 7, Math.max(from + 7, problem.length() - 1));
    } else {
      int got = problem.lastIndexOf("got ");
      token = got >= 0 ? problem.substring(got + 4) : "";
    }
    return switch (token) {
      case "?", "<key>" -> "a key";
      case "-" -> "a '-'";
      case "<scalar>" -> "more text";
      case "<block mapping start>" -> "a mapping";
      case "<block sequence start>" -> "a list";
      case "<block end>" -> "the end of the block";
      case "<stream end>" -> "the end of the file";
      case "<document start>", "<document end>" -> "the end of the document";
      case "<alias>" -> "an alias";
      case "<anchor>" -> "an anchor";
      case "<tag>" -> "a tag";
      default -> "'" + token + "'";
    };
  }

  private static String between(String text, String before, String after) {
    int from = text.indexOf(before);
    int to = text.indexOf(after, Math.max(from, 0));
    return from < 0 || to < 0 ? "this character" : text.substring(from + before.length(), to);
  }

  private static String firstLine(@Nullable String text) {
    if (text == null) {
      return "";
    }
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }
}
