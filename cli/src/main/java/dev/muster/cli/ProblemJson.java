package dev.muster.cli;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import java.io.StringWriter;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/** Writes what {@code validate --json} found. Pure. */
final class ProblemJson {
  private ProblemJson() {}

  /** Returns an object with {@code valid}, {@code problems} and {@code warnings}. */
  static String render(List<Problem> problems, List<Problem> warnings) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(new PrettyJson(), text)) {
      json.writeStartObject();
      json.writeBooleanProperty("valid", problems.isEmpty());
      write("problems", problems, json);
      write("warnings", warnings, json);
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(String name, List<Problem> problems, JsonGenerator json) {
    json.writeArrayPropertyStart(name);
    for (Problem problem : problems) {
      SourceLocation location = problem.location();
      json.writeStartObject();
      if (location == null) {
        json.writeNullProperty("file");
        json.writeNullProperty("line");
        json.writeNullProperty("column");
      } else {
        json.writeStringProperty("file", location.file());
        json.writeNumberProperty("line", location.line());
        json.writeNumberProperty("column", location.column());
      }
      json.writeStringProperty("path", problem.path());
      json.writeStringProperty("message", problem.message());
      json.writeStringProperty("suggestion", problem.suggestion());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
