package dev.muster.cli;

import dev.muster.batch.backend.RunJobs;
import dev.muster.batch.spi.JobStatus;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/** Writes what {@code muster jobs} prints. Pure. */
final class RunJobsView {
  private static final String UNKNOWN = "unknown";

  private RunJobsView() {}

  /** Returns the jobs for people: a heading, and a line for each. */
  static List<String> lines(List<RunJobs.Found> jobs) {
    if (jobs.isEmpty()) {
      return List.of("the run has no jobs in a batch system");
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("JOB", "POOL", "STATE", "TASKS"));
    for (RunJobs.Found job : jobs) {
      String detail = detail(job.status());
      rows.add(List.of(
          job.job() == null ? job.tag() : job.job().id(),
          Text.harmless(job.pool()),
          state(job.status()) + (detail == null ? "" : " (" + Text.harmless(detail) + ")"),
          tasks(job.tasks())));
    }
    return Columns.lines(rows);
  }

  private static String tasks(List<String> tasks) {
    String first = tasks.isEmpty() ? "" : Text.harmless(tasks.get(0));
    return tasks.size() < 2 ? first : first + " and " + (tasks.size() - 1) + " more";
  }

  private static String state(@Nullable JobStatus status) {
    return status == null ? UNKNOWN : status.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  private static @Nullable String detail(@Nullable JobStatus status) {
    if (status instanceof JobStatus.Running running) {
      return running.host();
    } else if (status instanceof JobStatus.Pending pending) {
      return pending.reason();
    } else if (status instanceof JobStatus.Held held) {
      return held.reason();
    } else if (status instanceof JobStatus.Impossible impossible) {
      return impossible.reason();
    } else if (status instanceof JobStatus.Ended ended) {
      return ended.end().name().toLowerCase(Locale.ROOT);
    }
    return status == null
        ? "nobody wrote down whether the batch system took it; 'muster cancel' ends it all the same"
        : null;
  }

  /** Returns the jobs for programs: an array of objects. */
  static String json(List<RunJobs.Found> jobs) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(new PrettyJson(), text)) {
      json.writeStartArray();
      for (RunJobs.Found job : jobs) {
        json.writeStartObject();
        json.writeStringProperty("strategy", job.strategy());
        json.writeStringProperty("pool", job.pool());
        json.writeStringProperty("tag", job.tag());
        json.writeStringProperty("job", job.job() == null ? null : job.job().id());
        json.writeStringProperty("state", state(job.status()));
        json.writeStringProperty("detail", detail(job.status()));
        json.writeArrayPropertyStart("tasks");
        job.tasks().forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return text.toString();
  }
}
