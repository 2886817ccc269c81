package dev.muster.cli;

import dev.muster.run.RunState;
import dev.muster.run.RunSummary;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/** Writes what {@code muster runs} prints. Pure. */
final class RunsView {
  private RunsView() {}

  /** Returns a heading, and a line for each run. */
  static List<String> lines(Map<RunSummary, RunTree> runs, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("RUN", "STATE", "WORKFLOW", "SIZE", "AGE", ""));
    runs.forEach((run, tree) -> {
      Instant started = run.started();
      rows.add(List.of(
          Text.harmless(String.valueOf(run.directory().getFileName())),
          state(run.state()),
          run.workflow() == null ? "" : Text.harmless(run.workflow()),
          run.state() == RunState.UNKNOWN && !tree.whole() ? "" : size(tree),
          started == null ? "" : Text.age(since(started, now)),
          detail(run, now)));
    });
    return Columns.lines(rows);
  }

  /** Returns a state as it is shown. */
  static String state(RunState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static String size(RunTree tree) {
    return (tree.whole() ? "" : "over ") + Text.size(tree.bytes());
  }

  static Duration since(Instant then, Instant now) {
    return then.isAfter(now) ? Duration.ZERO : Duration.between(then, now);
  }

  private static String detail(RunSummary run, Instant now) {
    Instant last = run.last();
    return switch (run.state()) {
      case RUNNING -> "process " + run.pid();
      case ELSEWHERE ->
        "process " + run.pid() + " of host " + Text.harmless(String.valueOf(run.host()))
            + (last == null ? "" : ", last heard of " + Text.age(since(last, now)) + " ago");
      case FAILED, UNKNOWN -> run.detail() == null ? "" : Text.firstLine(run.detail());
      default -> "";
    };
  }

  /** Returns the runs for programs: an array of objects. */
  static String json(Map<RunSummary, RunTree> runs) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(new PrettyJson(), text)) {
      json.writeStartArray();
      runs.forEach((run, tree) -> {
        json.writeStartObject();
        fields(run, json);
        json.writeNumberProperty("bytes", tree.bytes());
        json.writeBooleanProperty("bytesComplete", tree.whole());
        json.writeEndObject();
      });
      json.writeEndArray();
    }
    return text.toString();
  }

  /** Writes the fields of a run. */
  static void fields(RunSummary run, JsonGenerator json) {
    json.writeStringProperty("directory", run.directory().toString());
    json.writeStringProperty("state", state(run.state()));
    json.writeStringProperty("run", run.run());
    json.writeStringProperty("workflow", run.workflow());
    json.writeNumberProperty("tasks", run.tasks());
    json.writeStringProperty("started", text(run.started()));
    json.writeStringProperty("last", text(run.last()));
    json.writeStringProperty("host", run.host());
    if (run.pid() > 0) {
      json.writeNumberProperty("pid", run.pid());
    } else {
      json.writeNullProperty("pid");
    }
    json.writeStringProperty("detail", run.detail());
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
