package dev.muster.cli;

import dev.muster.batch.PlannedJobs;
import dev.muster.batch.spi.Submission;
import dev.muster.code.ShellWords;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/** Writes what {@code plan --jobs} prints: the jobs as they would be submitted. Pure. */
final class JobsView {
  private JobsView() {}

  /** Returns the jobs for people: a heading for each pool, the files and the command. */
  static String render(List<PlannedJobs> jobs) {
    if (jobs.isEmpty()) {
      return "no jobs: the backend starts no workers\n";
    }
    StringBuilder text = new StringBuilder();
    for (PlannedJobs pool : jobs) {
      Submission submission = pool.submission();
      text.append("# pool ").append(Text.harmless(pool.pool())).append(": ");
      String noun = pool.workers() ? "worker" : "job";
      text.append(
          pool.copies() == 0 ? "no " + noun + " at first" : Text.count(pool.copies(), noun));
      text.append(", strategy ").append(pool.strategy()).append('\n');
      sent(noun, pool.sent(), text);
      submission.files().forEach((path, content) -> {
        text.append("# ").append(path).append('\n').append(content);
        if (!content.endsWith("\n")) {
          text.append('\n');
        }
      });
      text.append("$ ").append(ShellWords.join(submission.command()));
      String input = submission.input();
      if (input == null) {
        text.append('\n');
      } else {
        text.append(" <<'END'\n")
            .append(input)
            .append(input.endsWith("\n") ? "" : "\n")
            .append("END\n");
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static void sent(String noun, Map<String, Long> sent, StringBuilder text) {
    if (sent.isEmpty()) {
      return;
    }
    text.append("# travels with each ").append(noun).append(":\n");
    sent.forEach((name, bytes) -> text.append(String.format(
        Locale.ROOT,
        "#   %10s  %s%n",
        bytes < 0 ? "made later" : Text.size(bytes),
        Text.harmless(name))));
  }

  /** Returns the jobs for programs: an array of objects. */
  static String json(List<PlannedJobs> jobs) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(new PrettyJson(), text)) {
      json.writeStartArray();
      for (PlannedJobs pool : jobs) {
        json.writeStartObject();
        json.writeStringProperty("pool", pool.pool());
        json.writeStringProperty("strategy", pool.strategy());
        json.writeNumberProperty(pool.workers() ? "workers" : "jobs", pool.copies());
        json.writeArrayPropertyStart("command");
        pool.submission().command().forEach(json::writeString);
        json.writeEndArray();
        json.writeObjectPropertyStart("files");
        for (Map.Entry<Path, String> file : pool.submission().files().entrySet()) {
          json.writeStringProperty(file.getKey().toString(), file.getValue());
        }
        json.writeEndObject();
        json.writeObjectPropertyStart("sent");
        for (Map.Entry<String, Long> file : pool.sent().entrySet()) {
          json.writeNumberProperty(file.getKey(), file.getValue());
        }
        json.writeEndObject();
        json.writeStringProperty("input", pool.submission().input());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return text + "\n";
  }
}
