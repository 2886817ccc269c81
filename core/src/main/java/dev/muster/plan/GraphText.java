package dev.muster.plan;

import dev.muster.error.Visible;
import dev.muster.execution.Pool;
import java.io.IOException;
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

  private static final int PIECE = 1 << 14;

  private final Plan plan;
  private final Appendable out;
  private final StringBuilder text = new StringBuilder(2 * PIECE);

  private GraphText(Plan plan, Appendable out) {
    this.plan = plan;
    this.out = out;
  }

  static void mermaid(Plan plan, Appendable out) throws IOException {
    new GraphText(plan, out).mermaid();
  }

  static void dot(Plan plan, Appendable out) throws IOException {
    new GraphText(plan, out).dot();
  }

  private void mermaid() throws IOException {
    line("flowchart TD");
    Map<String, Integer> colours = new LinkedHashMap<>();
    for (PlannedStage stage : plan.stages()) {
      line("  s" + stage.index() + "[" + label(stage, GraphText::forMermaid, "<br/>") + "]:::pool"
          + colour(stage, colours));
    }
    for (PlannedStage stage : plan.stages()) {
      for (Link link : stage.incoming()) {
        String arrow = link.inputs().isEmpty() ? "-.->" : "-->";
        String pattern = name(link).isEmpty() ? "" : "|" + name(link) + "|";
        line("  s" + link.producer() + " " + arrow + pattern + " s" + link.consumer());
      }
    }
    for (int number = 0; number < colours.size(); number++) {
      String[] colour = COLOURS[number % COLOURS.length];
      line("  classDef pool" + number + " fill:" + colour[0] + ",stroke:" + colour[1]
          + ",color:#111");
    }
    drain(1);
  }

  private void dot() throws IOException {
    line("digraph " + label(plan.workflow().name(), GraphText::forDot) + " {");
    line("  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];");
    line("  edge [fontname=\"Helvetica\", fontsize=10];");
    Map<String, Integer> colours = new LinkedHashMap<>();
    for (PlannedStage stage : plan.stages()) {
      String[] colour = COLOURS[colour(stage, colours) % COLOURS.length];
      line("  s" + stage.index() + " [label=" + label(stage, GraphText::forDot, "\\n")
          + ", fillcolor=\"" + colour[0] + "\", color=\"" + colour[1] + "\"];");
    }
    for (PlannedStage stage : plan.stages()) {
      for (Link link : stage.incoming()) {
        String style = link.inputs().isEmpty() ? "style=dashed" : "";
        String pattern = name(link).isEmpty() ? "" : "label=\"" + name(link) + "\"";
        String both = style + (style.isEmpty() || pattern.isEmpty() ? "" : ", ") + pattern;
        line("  s" + link.producer() + " -> s" + link.consumer()
            + (both.isEmpty() ? "" : " [" + both + "]") + ";");
      }
    }
    line("}");
    drain(1);
  }

  private void line(String line) throws IOException {
    text.append(line).append('\n');
    drain(PIECE);
  }

  /** Gives away what was written, whole lines, if there is so much of it. */
  private void drain(int least) throws IOException {
    if (text.length() >= least) {
      out.append(text);
      text.setLength(0);
    }
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
