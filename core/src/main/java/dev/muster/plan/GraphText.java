package dev.muster.plan;

import dev.muster.error.Visible;
import dev.muster.execution.Pool;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Draws a plan: stages are nodes in the colour of their pools, and an edge says its pattern unless that is one to one.
 */
final class GraphText {
  /** Fill and border of each pool, told apart by the colour-blind too; used in turn. */
  private static final String[][] COLOURS = {
    {"#dcebf7", "#2271b2"},
    {"#fce5cd", "#d55e00"},
    {"#d9f0e3", "#0a7a55"},
    {"#f6dcec", "#a8336f"},
    {"#fff6c9", "#9c8500"},
    {"#d8f1fb", "#2a86ad"},
    {"#e7e2f5", "#5b4a9c"},
    {"#e6e6e6", "#555555"},
  };

  private final Plan plan;
  private final StringBuilder text = new StringBuilder();

  private GraphText(Plan plan) {
    this.plan = plan;
  }

  static String mermaid(Plan plan) {
    return new GraphText(plan).mermaid();
  }

  static String dot(Plan plan) {
    return new GraphText(plan).dot();
  }

  private String mermaid() {
    text.append("flowchart TD\n");
    Map<String, Integer> colours = new LinkedHashMap<>();
    for (PlannedStage stage : plan.stages()) {
      line(
          "  s%d[%s]:::pool%d",
          stage.index(), label(stage, GraphText::forMermaid, "<br/>"), colour(stage, colours));
    }
    for (PlannedStage stage : plan.stages()) {
      for (Link link : stage.incoming()) {
        String arrow = link.inputs().isEmpty() ? "-.->" : "-->";
        String pattern = name(link).isEmpty() ? "" : "|" + name(link) + "|";
        line("  s%d %s%s s%d", link.producer(), arrow, pattern, link.consumer());
      }
    }
    colours.forEach((pools, number) -> {
      String[] colour = COLOURS[number % COLOURS.length];
      line("  classDef pool%d fill:%s,stroke:%s,color:#111", number, colour[0], colour[1]);
    });
    return text.toString();
  }

  private String dot() {
    line("digraph %s {", label(plan.workflow().name(), GraphText::forDot));
    text.append("  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n");
    text.append("  edge [fontname=\"Helvetica\", fontsize=10];\n");
    Map<String, Integer> colours = new LinkedHashMap<>();
    for (PlannedStage stage : plan.stages()) {
      String[] colour = COLOURS[colour(stage, colours) % COLOURS.length];
      line(
          "  s%d [label=%s, fillcolor=\"%s\", color=\"%s\"];",
          stage.index(), label(stage, GraphText::forDot, "\\n"), colour[0], colour[1]);
    }
    for (PlannedStage stage : plan.stages()) {
      for (Link link : stage.incoming()) {
        String style = link.inputs().isEmpty() ? "style=dashed" : "";
        String pattern = name(link).isEmpty() ? "" : "label=\"" + name(link) + "\"";
        String both = style + (style.isEmpty() || pattern.isEmpty() ? "" : ", ") + pattern;
        line(
            "  s%d -> s%d%s;",
            link.producer(), link.consumer(), both.isEmpty() ? "" : " [" + both + "]");
      }
    }
    return text.append("}\n").toString();
  }

  private void line(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }

  private static int colour(PlannedStage stage, Map<String, Integer> colours) {
    return colours.computeIfAbsent(pools(stage), pools -> colours.size());
  }

  private static String pools(PlannedStage stage) {
    return stage.route().pools().stream().map(Pool::name).collect(Collectors.joining(" or "));
  }

  private static String label(PlannedStage stage, UnaryOperator<String> escape, String newLine) {
    String tasks = Counted.of(stage.taskCount(), "task");
    return '"'
        + escape.apply(stage.id())
        + newLine
        + escape.apply(stage.stage().op())
        + newLine
        + escape.apply(pools(stage) + ", " + tasks)
        + '"';
  }

  private static String label(String name, UnaryOperator<String> escape) {
    return '"' + escape.apply(name) + '"';
  }

  private static String name(Link link) {
    String pattern =
        link.pattern() == Pattern.ONE_TO_ONE ? "" : link.pattern().name().toLowerCase(Locale.ROOT);
    if (link.skipped().isEmpty()) {
      return pattern;
    }
    return pattern.isEmpty() ? "bypass" : pattern + " (bypass)";
  }

  // Everything but letters, digits and harmless signs becomes a character code.
  private static String forMermaid(String name) {
    StringBuilder escaped = new StringBuilder(name.length());
    Visible.line(name).codePoints().forEach(point -> {
      if (Character.isLetterOrDigit(point) || " _-.,/:()+".indexOf(point) >= 0) {
        escaped.appendCodePoint(point);
      } else {
        escaped.append('#').append(point).append(';');
      }
    });
    return escaped.toString();
  }

  // In quotes, DOT reads backslashes and HTML entities.
  private static String forDot(String name) {
    StringBuilder escaped = new StringBuilder(name.length());
    Visible.line(name).codePoints().forEach(point -> {
      if (point == '"' || point == '\\') {
        escaped.append('\\').append((char) point);
      } else if (point == '&') {
        escaped.append("&amp;");
      } else {
        escaped.appendCodePoint(point);
      }
    });
    return escaped.toString();
  }
}
