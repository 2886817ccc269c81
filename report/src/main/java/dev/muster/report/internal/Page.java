package dev.muster.report.internal;

import dev.muster.internal.rundir.LogFile;
import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.internal.rundir.TaskFolders;
import dev.muster.run.RunEvent;
import dev.muster.run.RunStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** The page: all of it stands there without scripts but for the charts. Not thread-safe. */
public final class Page {
  // Its file does not say so itself.
  private static final String DAGRE =
      "/*! dagre, (c) 2012-2014 Chris Pettitt, with graphlib, (c) Chris Pettitt, and"
          + " lodash, (c) OpenJS Foundation and other contributors. Released under the MIT License. */\n";
  private static final int MOST_GROUPS = 50;
  private static final int OPEN = 3;
  private static final int TAIL = 40;
  private static final int PLAN = 2000;

  private final Path run;
  private final RecordedPlan plan;
  private final History history;
  private final TaskFolders folders;

  /**
   * @param run the run's directory, absolute
   * @param plan its plan
   * @param history what happened
   */
  public Page(Path run, RecordedPlan plan, History history) {
    this.run = run;
    this.plan = plan;
    this.history = history;
    this.folders = new TaskFolders(run, plan);
  }

  /** Writes the page. */
  public void write(OutputStream stream) throws IOException {
    // Unknown to whoever wrote a text on this page, since that was before: no such text can become
    // a script.
    String nonce = Long.toHexString(ThreadLocalRandom.current().nextLong());
    StringWriter out = new StringWriter();
    out.write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.write(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'nonce-"
            + nonce + "'; style-src 'nonce-" + nonce
            + "'; base-uri 'none'; form-action 'none'\">\n");
    out.write("<meta name=\"generator\" content=\"Muster\">\n");
    out.write("<title>" + Html.text(plan.workflow()) + ": " + status() + "</title>\n");
    give(out, stream);
    element("style", nonce, "", "page.css", stream);
    out.write("</head>\n<body>\n");
    header(out);
    out.write("<main>\n");
    wrong(out);
    charts(out);
    new Tables(history).write(out);
    notices(out);
    controllers(out);
    plan(out);
    out.write("</main>\n<script type=\"application/json\" id=\"data\">"
        + PageData.of(history, Tables.MOST_STAGES) + "</script>\n");
    give(out, stream);
    if (history.attempts().size() > 0) {
      element("script", nonce, "", "chart.umd.min.js", stream);
    }
    if (PageData.draws(history)) {
      element("script", nonce, DAGRE, "dagre.min.js", stream);
    }
    element("script", nonce, "", "page.js", stream);
    out.write("</body>\n</html>\n");
    give(out, stream);
  }

  // Scripts go through as bytes: to decode them would take longer than all else of the report of a
  // short run.
  private static void element(
      String name, String nonce, String notice, String file, OutputStream stream)
      throws IOException {
    stream.write(
        ("<" + name + " nonce=\"" + nonce + "\">" + notice).getBytes(StandardCharsets.UTF_8));
    stream.write(Scripts.read(file));
    stream.write(("</" + name + ">\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void give(StringWriter text, OutputStream stream) throws IOException {
    stream.write(text.toString().getBytes(StandardCharsets.UTF_8));
    text.getBuffer().setLength(0);
  }

  private History.Controller last() {
    List<History.Controller> all = history.controllers();
    return all.get(all.size() - 1);
  }

  private String status() {
    if (history.controllers().isEmpty()) {
      return "not started";
    }
    RunEvent.RunFinished finished = last().finished;
    return finished == null ? "not finished" : status(finished.status());
  }

  private static String status(RunStatus status) {
    return status == RunStatus.INCOMPLETE
        ? "done, with parts missing"
        : status.name().toLowerCase(Locale.ROOT);
  }

  private void header(Writer out) throws IOException {
    String status = status();
    out.write("<header>\n<h1>" + Html.text(plan.workflow()) + " <span class=\"badge "
        + status.replaceAll("[^a-z]+", "-") + "\">" + status + "</span></h1>\n<p>");
    if (history.controllers().isEmpty()) {
      out.write("Nothing is on record of it.");
    } else {
      History.Controller last = last();
      out.write("Started " + time(last.began));
      out.write(
          last.finished == null
              ? "; the last event on record is of " + time(last.last)
              : ", took " + Html.span(last.elapsed()));
      out.write(". Run <code>" + Html.text(last.run) + "</code>");
    }
    out.write(" in <code>" + Html.text(run.toString()) + "</code>.</p>\n<dl class=\"numbers\">\n");
    int[] sums = new int[6];
    for (StageHistory stage : history.stages()) {
      sums[0] += stage.stage.tasks();
      sums[1] += stage.succeeded;
      sums[2] += stage.reused;
      sums[3] += stage.failed;
      sums[4] += stage.skipped;
      sums[5] += stage.retries;
    }
    number(out, "tasks", sums[0]);
    number(out, "done", sums[1]);
    if (sums[2] > 0) {
      number(out, "of them reused", sums[2]);
    }
    number(out, "failed", sums[3]);
    number(out, "skipped", sums[4]);
    number(out, "tried again", sums[5]);
    number(out, "workers", history.workers().size());
    out.write("</dl>\n<nav aria-label=\"Parts of this page\"><ul>");
    for (String[] link : new String[][] {
      {"time", "Time"},
      {"stages", "Stages"},
      {"pools", "Pools"},
      {"slow", "Slowest tasks"},
      {"plan", "Plan"}
    }) {
      out.write("<li><a href=\"#" + link[0] + "\">" + link[1] + "</a></li>");
    }
    out.write("</ul></nav>\n</header>\n");
  }

  private static void number(Writer out, String name, long number) throws IOException {
    out.write("<div><dt>" + name + "</dt><dd>" + Html.count(number) + "</dd></div>\n");
  }

  private static String time(Instant time) {
    return "<time datetime=\"" + time + "\">" + Html.time(time) + "</time>";
  }

  /** What went wrong: why the run failed, then failures with the same reason together. */
  private void wrong(Writer out) throws IOException {
    String message = history.controllers().isEmpty() || last().finished == null
        ? null
        : last().finished.message();
    List<FailureGroups.Group> groups = history.failures().groups();
    if (message == null && groups.isEmpty() && history.missing().isEmpty()) {
      return;
    }
    out.write(section("wrong", "What went wrong"));
    if (message != null) {
      out.write("<pre tabindex=\"0\" class=\"message\">" + Html.lines(message) + "</pre>\n");
    }
    int shown = Math.min(MOST_GROUPS, groups.size());
    for (int i = 0; i < shown; i++) {
      group(out, groups.get(i), i < OPEN && groups.get(i).failed > 0);
    }
    int left =
        groups.stream().skip(shown).mapToInt(each -> each.failed + each.retried).sum()
            + history.failures().ungrouped();
    if (left > 0) {
      out.write("<p>And " + Html.count(left, "failed attempt") + " for other reasons.</p>\n");
    }
    for (RunEvent.InputsMissing gather : history.missing()) {
      out.write("<p><code>" + Html.text(gather.name()) + "</code> went on without "
          + Html.count(gather.missing()) + " of " + Html.count(gather.gathered()) + " inputs: "
          + Html.text(String.join(
              ", ", gather.names().subList(0, Math.min(10, gather.names().size()))))
          + (gather.names().size() > 10 ? " …" : "") + "</p>\n");
    }
    out.write("</section>\n");
  }

  private void group(Writer out, FailureGroups.Group group, boolean open) throws IOException {
    String first = Html.lines(group.message).lines().findFirst().orElse("");
    out.write("<details" + (open ? " open" : "") + "><summary><span class=\"kind\">" + group.kind
        + "</span> " + first + " <span class=\"quiet\">");
    List<String> counts = new ArrayList<>();
    if (group.failed > 0) {
      counts.add(Html.count(group.failed, "task") + " failed");
    }
    if (group.retried > 0) {
      counts.add(Html.count(group.retried, "attempt") + " tried again");
    }
    counts.add(Html.micros(group.lost) + " of work lost");
    out.write(String.join(", ", counts) + " in " + Html.text(String.join(", ", group.stages))
        + "</span></summary>\n<pre tabindex=\"0\">" + Html.lines(group.message) + "</pre>\n<ul>");
    for (RunEvent.TaskFailed each : group.examples) {
      out.write("<li><code>" + Html.text(each.name()) + "</code>, attempt " + each.attempt() + ", "
          + time(each.time()) + "</li>");
    }
    out.write("</ul>\n");
    Path folder = folders.of(group.examples.get(0).name());
    if (folder != null) {
      for (Path log : TaskFolders.printed(folder)) {
        out.write("<p>The end of <code>" + Html.text(run.relativize(log).toString())
            + "</code>:</p>\n<pre tabindex=\"0\">"
            + Html.lines(String.join("\n", LogFile.tail(log, TAIL))) + "</pre>\n");
      }
    }
    out.write("</details>\n");
  }

  private void charts(Writer out) throws IOException {
    if (history.attempts().size() == 0) {
      return;
    }
    out.write(section("time", "Time")
        + "<noscript><p>The charts need JavaScript.</p></noscript>\n"
        + "<figure><figcaption>Tasks that ran, by stage</figcaption><div class=\"chart\" id=\"load-box\">"
        + "<canvas id=\"load\" role=\"img\" aria-label=\"How many tasks of each stage ran at each time;"
        + " the table of stages has their numbers\"></canvas></div></figure>\n"
        + "<figure><figcaption>What workers did <label>Pool <select id=\"pool\"></select></label>"
        + "</figcaption><div class=\"chart\" id=\"timeline-box\"><canvas id=\"timeline\" role=\"img\""
        + " aria-label=\"When each worker ran tasks of which stage; the table of pools has their"
        + " numbers\"></canvas></div><p class=\"quiet\" id=\"left\"></p></figure>\n</section>\n");
  }

  /** Returns the begin of a part of the page. */
  static String section(String id, String title) {
    return "<section id=\"" + id + "\" aria-labelledby=\"" + id + "-title\">\n<h2 id=\"" + id
        + "-title\">" + title + "</h2>\n";
  }

  private void notices(Writer out) throws IOException {
    if (history.notices().isEmpty()) {
      return;
    }
    out.write(section("notices", "What the run said") + "<ul>\n");
    for (RunEvent.Notice notice : history.notices()) {
      out.write("<li>" + time(notice.time()) + " " + Html.text(notice.message()) + "</li>\n");
    }
    out.write("</ul>\n</section>\n");
  }

  /** The processes that carried the run out, if there was more than one. */
  private void controllers(Writer out) throws IOException {
    List<History.Controller> all = history.controllers();
    if (all.size() < 2) {
      return;
    }
    out.write(
        section("controllers", "How it went on") + "<p>This page shows the last one.</p>\n<ol>\n");
    for (History.Controller each : all) {
      RunEvent.RunFinished finished = each.finished;
      out.write("<li>" + time(each.began) + ", " + Html.span(each.elapsed()) + ": "
          + (finished == null ? "did not end by itself" : status(finished.status())) + ", "
          + Html.count(each.succeeded, "task") + " done, " + Html.count(each.failed)
          + " failed</li>\n");
    }
    out.write("</ol>\n</section>\n");
  }

  private void plan(Writer out) throws IOException {
    List<String> lines = LogFile.head(run.resolve(RunLayout.PLAN), PLAN);
    out.write(
        "<section id=\"plan\" aria-labelledby=\"plan-title\">\n<h2 id=\"plan-title\">Plan</h2>\n"
            + "<details><summary>The plan, and where each value comes from</summary>\n<pre tabindex=\"0\">"
            + Html.lines(String.join("\n", lines)) + "</pre>\n</details>\n</section>\n");
  }
}
