package dev.muster.cli;

import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.run.RunEvent;
import dev.muster.run.RunProgress.StageProgress;
import dev.muster.run.RunState;
import dev.muster.run.RunSummary;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes what {@code muster status} prints. Pure.
 *
 * @param summary what the directory says
 * @param plan the plan
 * @param run how far it is
 * @param jobs how many jobs of it may not be over, by their strategies
 */
record StatusView(
    RunSummary summary, RecordedPlan plan, RecordedRun run, Map<String, Integer> jobs) {
  private static final int LISTED = 10;

  /** Returns it for people. */
  List<String> lines(Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add(heading(now));
    lines.add("directory: " + Text.harmless(summary.directory().toString()));
    if (summary.detail() != null) {
      lines.addAll(Text.lines(summary.detail()));
    }
    lines.add("");
    lines.addAll(stages());
    failures(lines);
    missing(lines);
    running(lines, now);
    jobs(lines);
    return lines;
  }

  private void jobs(List<String> lines) {
    if (jobs.isEmpty()) {
      return;
    }
    lines.add("");
    boolean over = summary.state().isOver();
    jobs.forEach((strategy, count) -> lines.add("jobs that " + Text.harmless(strategy)
        + " may have: " + count + "; 'muster jobs' asks for them"
        + (over ? ", a run with --resume takes them over, 'muster cancel' ends them" : "")));
  }

  private String heading(Instant now) {
    Instant started = summary.started();
    Instant last = summary.last();
    StringBuilder line = new StringBuilder(Text.harmless(plan.workflow()));
    line.append(": ").append(RunsView.state(summary.state()));
    if (summary.state() == RunState.RUNNING || summary.state() == RunState.ELSEWHERE) {
      line.append(", process ").append(summary.pid()).append(" of host ");
      line.append(Text.harmless(String.valueOf(summary.host())));
    }
    if (started != null && last != null) {
      boolean over = summary.state().isOver();
      line.append(over ? ", after " : ", since ");
      line.append(Text.age(RunsView.since(started, over ? last : now)));
      line.append(over ? ", " : ", last heard of ");
      line.append(Text.age(RunsView.since(last, now))).append(" ago");
    }
    return line.toString();
  }

  private List<String> stages() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("STAGE", "POOL", "TASKS", "DONE", "RUNNING", "FAILED", "SKIPPED", "WAITING"));
    for (StageProgress stage : run.progress().stages()) {
      rows.add(List.of(
          Text.harmless(stage.id()),
          Snapshot.pools(plan, stage.id()),
          Integer.toString(stage.tasks()),
          Integer.toString(stage.succeeded()),
          Integer.toString(stage.running()),
          Integer.toString(stage.failed()),
          Integer.toString(stage.skipped()),
          Integer.toString(stage.waiting())));
    }
    return Columns.lines(rows);
  }

  private void failures(List<String> lines) {
    List<RunEvent.TaskFailed> failures = run.failures();
    if (failures.isEmpty()) {
      return;
    }
    lines.add("");
    for (RunEvent.TaskFailed failure : failures.subList(0, Math.min(LISTED, failures.size()))) {
      lines.add(Text.harmless(failure.name()) + " failed (" + failure.kind() + "): "
          + Text.firstLine(failure.message()));
    }
    more(lines, failures.size());
  }

  private void missing(List<String> lines) {
    List<RunEvent.InputsMissing> missing = run.missing();
    if (!missing.isEmpty()) {
      lines.add("");
    }
    for (RunEvent.InputsMissing gather : missing.subList(0, Math.min(LISTED, missing.size()))) {
      lines.add(Text.harmless(gather.name()) + " went on without " + gather.missing() + " of "
          + gather.gathered() + ": " + Text.harmless(String.join(", ", gather.names()))
          + (gather.missing() > gather.names().size() ? ", ..." : ""));
    }
    more(lines, missing.size());
  }

  private void running(List<String> lines, Instant now) {
    List<RunEvent.TaskStarted> running = run.running();
    if (running.isEmpty()) {
      return;
    }
    lines.add("");
    boolean over = summary.state().isOver();
    for (RunEvent.TaskStarted task : running.subList(0, Math.min(LISTED, running.size()))) {
      lines.add(Text.harmless(task.name())
          + (over ? " was running on " : " runs on ")
          + Text.harmless(task.worker())
          + (over ? "" : " for " + Text.time(RunsView.since(task.time(), now))));
    }
    more(lines, running.size());
  }

  private static void more(List<String> lines, int all) {
    if (all > LISTED) {
      lines.add("and " + (all - LISTED) + " more");
    }
  }

  /** Returns it for programs: an object. */
  String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(new PrettyJson(), text)) {
      json.writeStartObject();
      RunsView.fields(summary, json);
      json.writeArrayPropertyStart("stages");
      for (StageProgress stage : run.progress().stages()) {
        json.writeStartObject();
        json.writeStringProperty("stage", stage.id());
        json.writeNumberProperty("tasks", stage.tasks());
        json.writeNumberProperty("succeeded", stage.succeeded());
        json.writeNumberProperty("running", stage.running());
        json.writeNumberProperty("failed", stage.failed());
        json.writeNumberProperty("skipped", stage.skipped());
        json.writeNumberProperty("waiting", stage.waiting());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayPropertyStart("failures");
      for (RunEvent.TaskFailed failure : run.failures()) {
        json.writeStartObject();
        json.writeStringProperty("task", failure.name());
        json.writeStringProperty("kind", failure.kind().name());
        json.writeStringProperty("message", failure.message());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayPropertyStart("missing");
      for (RunEvent.InputsMissing gather : run.missing()) {
        json.writeStartObject();
        json.writeStringProperty("task", gather.name());
        json.writeNumberProperty("gathered", gather.gathered());
        json.writeNumberProperty("missing", gather.missing());
        json.writeArrayPropertyStart("names");
        gather.names().forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayPropertyStart("running");
      run.running().forEach(task -> json.writeString(task.name()));
      json.writeEndArray();
      json.writeObjectPropertyStart("jobs");
      jobs.forEach(json::writeNumberProperty);
      json.writeEndObject();
      json.writeEndObject();
    }
    return text.toString();
  }
}
