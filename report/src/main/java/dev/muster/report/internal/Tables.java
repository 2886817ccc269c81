package dev.muster.report.internal;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The tables of the page: stages, pools, and the slowest tasks. Not thread-safe. */
final class Tables {
  /** How many stages have a row. */
  static final int MOST_STAGES = 1000;

  private static final int MOST_SLOW = 50;

  private final History history;

  Tables(History history) {
    this.history = history;
  }

  void write(Writer out) throws IOException {
    stages(out);
    pools(out);
    slow(out);
  }

  private void stages(Writer out) throws IOException {
    List<StageHistory> stages = history.stages();
    int shown = Math.min(MOST_STAGES, stages.size());
    out.write(Page.section("stages", "Stages")
        + "<div id=\"graph\"></div>\n"
        + "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of stages\">"
        + "<table class=\"sorted\"><thead><tr>");
    heads(out, "Stage", "Operation", "Pools", "State");
    numbers(
        out, "Tasks", "Done", "Reused", "Failed", "Skipped", "Tried again", "Median", "Longest");
    numbers(out, "All tasks", "Lost");
    boolean memory = stages.stream().anyMatch(stage -> stage.peak > 0);
    if (memory) {
      numbers(out, "Peak memory");
    }
    out.write("</tr></thead><tbody>\n");
    for (StageHistory stage : stages.subList(0, shown)) {
      row(out, stage, memory);
    }
    out.write("</tbody></table></div>\n");
    if (shown < stages.size()) {
      out.write("<p>And " + Html.count(stages.size() - shown, "stage") + " more.</p>\n");
    }
    if (stages.stream().anyMatch(stage -> stage.durations.size() > 0)) {
      out.write(
          "<figure><figcaption>How long tasks took: the middle half, and the median</figcaption>"
              + "<div class=\"chart\" id=\"spans-box\"><canvas id=\"spans\" role=\"img\" aria-label=\"How long"
              + " tasks of each stage took; the table of stages has their medians\"></canvas></div></figure>\n");
    }
    out.write("</section>\n");
  }

  private static void row(Writer out, StageHistory stage, boolean memory) throws IOException {
    String state = stage.state();
    out.write("<tr><th scope=\"row\">" + Html.text(stage.stage.id()) + "</th><td>"
        + Html.text(stage.stage.op()) + "</td><td>"
        + Html.text(String.join(" | ", stage.stage.pools()))
        + "</td><td><span class=\"state " + state + "\">" + state + "</span></td>");
    cell(out, stage.stage.tasks(), Html.count(stage.stage.tasks()));
    cell(out, stage.succeeded, Html.count(stage.succeeded));
    cell(out, stage.reused, Html.count(stage.reused));
    cell(out, stage.failed, Html.count(stage.failed));
    cell(out, stage.skipped, Html.count(stage.skipped));
    cell(out, stage.retries, Html.count(stage.retries));
    boolean ran = stage.durations.size() > 0;
    double median = stage.durations.quantile(0.5);
    cell(out, median, ran ? Html.span(median) : "–");
    double longest = stage.durations.quantile(1);
    cell(out, longest, ran ? Html.span(longest) : "–");
    cell(out, stage.durations.sum(), ran ? Html.span(stage.durations.sum()) : "–");
    cell(out, stage.lost, stage.lost > 0 ? Html.micros(stage.lost) : "–");
    if (memory) {
      cell(out, stage.peak, stage.peak > 0 ? Html.bytes(stage.peak) : "–");
    }
    out.write("</tr>\n");
  }

  private static void heads(Writer out, String... names) throws IOException {
    for (String name : names) {
      out.write("<th scope=\"col\">" + name + "</th>");
    }
  }

  private static void numbers(Writer out, String... names) throws IOException {
    for (String name : names) {
      out.write("<th scope=\"col\" class=\"number\">" + name + "</th>");
    }
  }

  private static void cell(Writer out, long order, String text) throws IOException {
    out.write("<td class=\"number\" data-order=\"" + order + "\">" + text + "</td>");
  }

  private static void cell(Writer out, double order, String text) throws IOException {
    out.write("<td class=\"number\" data-order=\"" + order + "\">" + text + "</td>");
  }

  private void pools(Writer out) throws IOException {
    out.write(Page.section("pools", "Pools")
        + "<div class=\"scroll\" tabindex=\"0\" role=\"region\""
        + " aria-label=\"Table of pools\"><table><thead><tr>");
    heads(out, "Pool");
    numbers(out, "Workers", "Lost", "There for", "Tasks ran for");
    heads(out, "Why workers were lost");
    out.write("</tr></thead><tbody>\n");
    for (Map.Entry<String, Workers.Pool> each :
        history.workers().pools(history.now()).entrySet()) {
      Workers.Pool pool = each.getValue();
      out.write("<tr><th scope=\"row\">" + Html.text(each.getKey()) + "</th>");
      cell(out, pool.workers, Html.count(pool.workers));
      cell(out, pool.lost, Html.count(pool.lost));
      cell(out, pool.there, Html.micros(pool.there));
      cell(out, pool.busy, Html.micros(pool.busy));
      out.write("<td>");
      for (Map.Entry<String, Integer> reason : pool.reasons.entrySet()) {
        out.write("<div>" + Html.count(reason.getValue()) + " × " + Html.text(reason.getKey())
            + "</div>");
      }
      out.write("</td></tr>\n");
    }
    out.write("</tbody></table></div>\n</section>\n");
  }

  private void slow(Writer out) throws IOException {
    List<StageHistory.Slow> slowest = new ArrayList<>();
    for (StageHistory stage : history.stages()) {
      stage.slowest().forEach(slowest::add);
    }
    slowest.sort(Comparator.comparingDouble(StageHistory.Slow::seconds).reversed());
    out.write(Page.section("slow", "Slowest tasks")
        + "<div class=\"scroll\" tabindex=\"0\" role=\"region\""
        + " aria-label=\"Table of the slowest tasks\"><table class=\"sorted\"><thead><tr>");
    heads(out, "Task");
    numbers(out, "Took");
    heads(out, "Worker");
    out.write("</tr></thead><tbody>\n");
    for (StageHistory.Slow each : slowest.subList(0, Math.min(MOST_SLOW, slowest.size()))) {
      out.write("<tr><th scope=\"row\">" + Html.text(each.task()) + "</th>");
      cell(out, each.seconds(), Html.span(each.seconds()));
      out.write("<td>" + Html.text(each.worker()) + "</td></tr>\n");
    }
    out.write("</tbody></table></div>\n</section>\n");
  }
}
