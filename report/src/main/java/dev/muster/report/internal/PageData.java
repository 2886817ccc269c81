package dev.muster.report.internal;

import dev.muster.error.Visible;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What the page's script draws, as JSON. Pure. */
final class PageData {
  private static final JsonFactory JSON = JsonFactory.builder().build();

  /** Up to how many stages and links the graph is drawn: beyond, nobody could read it. */
  private static final int MOST_NODES = 120;

  private static final int MOST_LINKS = 600;

  private PageData() {}

  /**
   * Returns the data, as text that can stand in a script element.
   *
   * @param shown how many stages have a row in the page's table
   */
  static String of(History history, int shown) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeNumberProperty("end", history.now() / 1e6);
      stages(history, shown, json);
      load(history, json);
      timeline(history, json);
      json.writeBooleanProperty("graph", draws(history));
      json.writeEndObject();
    }
    return text.toString().replace("<", "\\u003c"); // no text ends the element
  }

  /** Tells whether the graph of stages is drawn: there is one, and it can be read. */
  static boolean draws(History history) {
    List<StageHistory> stages = history.stages();
    return stages.size() > 1
        && stages.size() <= MOST_NODES
        && stages.stream().mapToInt(stage -> stage.stage.after().size()).sum() <= MOST_LINKS;
  }

  private static void stages(History history, int shown, JsonGenerator json) {
    Map<String, Integer> numbers = new HashMap<>();
    List<StageHistory> stages = history.stages();
    for (int i = 0; i < stages.size(); i++) {
      numbers.put(stages.get(i).stage.id(), i);
    }
    boolean graph = draws(history);
    json.writeArrayPropertyStart("stages");
    for (int i = 0; i < stages.size(); i++) {
      StageHistory stage = stages.get(i);
      json.writeStartObject();
      json.writeStringProperty("id", Visible.line(stage.stage.id()));
      if (i < shown) {
        json.writeStringProperty("state", stage.state());
        json.writeNumberProperty("tasks", stage.stage.tasks());
        quantiles(stage.durations, json);
      }
      if (graph) {
        json.writeArrayPropertyStart("after");
        stage.stage.after().stream()
            .map(numbers::get)
            .filter(java.util.Objects::nonNull)
            .sorted()
            .forEach(json::writeNumber);
        json.writeEndArray();
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void quantiles(Column durations, JsonGenerator json) {
    if (durations.size() > 0) {
      json.writeArrayPropertyStart("spans");
      for (double part : new double[] {0, 0.25, 0.5, 0.75, 1}) {
        json.writeNumber((float) durations.quantile(part));
      }
      json.writeEndArray();
    }
  }

  private static void load(History history, JsonGenerator json) {
    Charts.Load load = Charts.load(history);
    json.writeObjectPropertyStart("load");
    json.writeNumberProperty("step", load.step);
    json.writeArrayPropertyStart("stages");
    for (int stage : load.stages) {
      json.writeNumber(stage);
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("series");
    for (float[] series : load.series) {
      json.writeStartArray();
      for (float mean : series) {
        json.writeNumber(Math.round(mean * 1000) / 1000f);
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void timeline(History history, JsonGenerator json) {
    Charts.Timeline timeline = Charts.timeline(history);
    json.writeObjectPropertyStart("timeline");
    json.writeNumberProperty("left", timeline.left);
    json.writeArrayPropertyStart("rows");
    for (int row : timeline.rows) {
      Workers.Row of = history.workers().row(row);
      json.writeStartArray();
      json.writeString(Visible.line(of.pool()));
      json.writeString(Visible.line(of.worker()) + (of.slot() == 0 ? "" : " #" + (of.slot() + 1)));
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeArrayPropertyStart(
        "bars"); // row, stage, how it ended, start and end in milliseconds, attempts
    for (Charts.Bar bar : timeline.bars) {
      json.writeNumber(bar.row());
      json.writeNumber(bar.stage());
      json.writeNumber(bar.how().code);
      json.writeNumber(Math.round(bar.start() / 100.0) / 10.0);
      json.writeNumber(Math.round(bar.end() / 100.0) / 10.0);
      json.writeNumber(bar.count());
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
