package dev.muster.internal.journal;

import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunStatus;
import dev.muster.value.FileRef;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * The form of a journal's lines: {@code {"event":"TaskStarted","time":"2026-01-31T10:00:00Z","task":17, ...}}. Times
 * are ISO-8601 in UTC, spans are seconds. Thread-safe.
 */
final class JournalFormat {
  private static final JsonFactory JSON = JsonFactory.builder()
      .streamReadConstraints(
          StreamReadConstraints.builder().maxNumberLength(100_000).build())
      .build();

  private JournalFormat() {}

  /** Writes one event as one object. */
  static void write(RunEvent event, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("event", event.getClass().getSimpleName());
    json.writeStringProperty("time", event.time().toString());
    if (event instanceof RunEvent.TaskStarted e) {
      task(json, e.task(), e.name());
      json.writeNumberProperty("attempt", e.attempt());
      json.writeStringProperty("pool", e.pool());
      json.writeStringProperty("worker", e.worker());
    } else if (event instanceof RunEvent.TaskSucceeded e) {
      task(json, e.task(), e.name());
      json.writeNumberProperty("attempt", e.attempt());
      span(json, "duration", e.duration());
      if (!e.diagnostics().isEmpty()) {
        json.writeName("diagnostics");
        value(json, e.diagnostics());
      }
    } else if (event instanceof RunEvent.TaskFailed e) {
      task(json, e.task(), e.name());
      json.writeNumberProperty("attempt", e.attempt());
      json.writeStringProperty("kind", e.kind().name());
      json.writeStringProperty("message", e.message());
      span(json, "retryAfter", e.retryAfter());
    } else if (event instanceof RunEvent.TaskSkipped e) {
      task(json, e.task(), e.name());
      json.writeStringProperty("reason", e.reason());
    } else if (event instanceof RunEvent.InputsMissing e) {
      task(json, e.task(), e.name());
      json.writeNumberProperty("gathered", e.gathered());
      json.writeNumberProperty("missing", e.missing());
      json.writeName("names");
      value(json, e.names());
    } else if (event instanceof RunEvent.StageStarted e) {
      json.writeStringProperty("stage", e.stage());
      json.writeNumberProperty("tasks", e.tasks());
    } else if (event instanceof RunEvent.StageFinished e) {
      json.writeStringProperty("stage", e.stage());
      json.writeNumberProperty("succeeded", e.succeeded());
      json.writeNumberProperty("failed", e.failed());
      json.writeNumberProperty("skipped", e.skipped());
    } else if (event instanceof RunEvent.WorkerStarted e) {
      json.writeStringProperty("pool", e.pool());
      json.writeStringProperty("worker", e.worker());
    } else if (event instanceof RunEvent.WorkerEnded e) {
      json.writeStringProperty("pool", e.pool());
      json.writeStringProperty("worker", e.worker());
      text(json, "reason", e.reason());
    } else if (event instanceof RunEvent.Notice e) {
      json.writeStringProperty("message", e.message());
    } else if (event instanceof RunEvent.RunStarted e) {
      json.writeStringProperty("run", e.run());
      json.writeStringProperty("workflow", e.workflow());
      json.writeNumberProperty("tasks", e.tasks());
    } else if (event instanceof RunEvent.RunFinished e) {
      json.writeStringProperty("status", e.status().name());
      span(json, "elapsed", e.elapsed());
      text(json, "message", e.message());
    }
    json.writeEndObject();
  }

  private static void task(JsonGenerator json, int task, String name) {
    json.writeNumberProperty("task", task);
    json.writeStringProperty("name", name);
  }

  private static void text(JsonGenerator json, String name, @Nullable String text) {
    if (text != null) {
      json.writeStringProperty(name, text);
    }
  }

  private static void span(JsonGenerator json, String name, @Nullable Duration span) {
    if (span != null) {
      json.writeNumberProperty(name, span.toNanos() / 1e9);
    }
  }

  /** Writes a diagnostic: JSON-like values as they are, anything else as its text. */
  private static void value(JsonGenerator json, @Nullable Object value) {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof BigInteger whole) {
      json.writeNumber(whole);
    } else if (value instanceof BigDecimal decimal && Double.isFinite(decimal.doubleValue())) {
      json.writeNumber(decimal);
    } else if (value instanceof byte[] bytes) {
      json.writeStartObject();
      json.writeStringProperty("$bytes", Base64.getEncoder().encodeToString(bytes));
      json.writeEndObject();
    } else if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      json.writeNumber(number.doubleValue());
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      map.forEach((key, item) -> {
        json.writeName(String.valueOf(key));
        value(json, item);
      });
      json.writeEndObject();
    } else if (value instanceof Iterable<?> items) {
      json.writeStartArray();
      items.forEach(item -> value(json, item));
      json.writeEndArray();
    } else if (value instanceof FileRef file) {
      json.writeString(file.path().toString());
    } else {
      json.writeString(value.toString());
    }
  }

  /**
   * Reads one line.
   *
   * @param started the id in the journal's first line, which the others do not repeat
   * @return the event, or null if it is of a kind that this version does not know
   * @throws IllegalArgumentException if it is not an event
   */
  static @Nullable RunEvent read(String line, String started) {
    Map<?, ?> map;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
      parser.nextToken();
      map = parse(parser) instanceof Map<?, ?> object ? object : Map.of();
    } catch (tools.jackson.core.JacksonException e) {
      throw new IllegalArgumentException("not a line of a journal: " + line, e);
    }
    Fields in = new Fields(map);
    Instant time = Instant.parse(in.text("time"));
    String run = Objects.requireNonNullElse(in.textOrNull("run"), started);
    return switch (in.text("event")) {
      case "RunStarted" ->
        new RunEvent.RunStarted(time, run, in.text("workflow"), in.number("tasks"));
      case "RunFinished" ->
        new RunEvent.RunFinished(
            time,
            run,
            RunStatus.valueOf(in.text("status")),
            in.span("elapsed"),
            in.textOrNull("message"));
      case "StageStarted" ->
        new RunEvent.StageStarted(time, run, in.text("stage"), in.number("tasks"));
      case "StageFinished" ->
        new RunEvent.StageFinished(
            time,
            run,
            in.text("stage"),
            in.number("succeeded"),
            in.number("failed"),
            in.number("skipped"));
      case "TaskStarted" ->
        new RunEvent.TaskStarted(
            time,
            run,
            in.number("task"),
            in.text("name"),
            in.number("attempt"),
            in.text("pool"),
            in.text("worker"));
      case "TaskSucceeded" ->
        new RunEvent.TaskSucceeded(
            time,
            run,
            in.number("task"),
            in.text("name"),
            in.number("attempt"),
            in.span("duration"),
            in.map("diagnostics"));
      case "TaskFailed" ->
        new RunEvent.TaskFailed(
            time,
            run,
            in.number("task"),
            in.text("name"),
            in.number("attempt"),
            FailureKind.valueOf(in.text("kind")),
            in.text("message"),
            map.containsKey("retryAfter") ? in.span("retryAfter") : null);
      case "TaskSkipped" ->
        new RunEvent.TaskSkipped(time, run, in.number("task"), in.text("name"), in.text("reason"));
      case "InputsMissing" ->
        new RunEvent.InputsMissing(
            time,
            run,
            in.number("task"),
            in.text("name"),
            in.number("gathered"),
            in.number("missing"),
            in.texts("names"));
      case "WorkerStarted" ->
        new RunEvent.WorkerStarted(time, run, in.text("pool"), in.text("worker"));
      case "WorkerEnded" ->
        new RunEvent.WorkerEnded(
            time, run, in.text("pool"), in.text("worker"), in.textOrNull("reason"));
      case "Notice" -> new RunEvent.Notice(time, run, in.text("message"));
      default -> null;
    };
  }

  private static @Nullable Object parse(JsonParser parser) {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IllegalArgumentException("not a line of a journal: it is empty");
    }
    switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, parse(parser));
        }
        return Collections.unmodifiableMap(map);
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(parse(parser));
        }
        return Collections.unmodifiableList(list);
      }
      case VALUE_NUMBER_INT -> {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            ? parser.getBigIntegerValue()
            : (Number) parser.getLongValue();
      }
      case VALUE_NUMBER_FLOAT -> {
        return parser.getDoubleValue();
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return token == JsonToken.VALUE_TRUE;
      }
      case VALUE_NULL -> {
        return null;
      }
      default -> {
        return parser.getString();
      }
    }
  }

  /** Typed reading of one object's fields. */
  private record Fields(Map<?, ?> map) {
    String text(String name) {
      if (map.get(name) instanceof String text) {
        return text;
      }
      throw new IllegalArgumentException(
          "a line of the journal has no text '" + name + "': " + map);
    }

    @Nullable
    String textOrNull(String name) {
      return map.get(name) instanceof String text ? text : null;
    }

    int number(String name) {
      if (map.get(name) instanceof Long number) {
        return Math.toIntExact(number);
      }
      throw new IllegalArgumentException(
          "a line of the journal has no number '" + name + "': " + map);
    }

    Duration span(String name) {
      if (map.get(name) instanceof Number seconds) {
        return Duration.ofNanos(Math.round(seconds.doubleValue() * 1e9));
      }
      throw new IllegalArgumentException(
          "a line of the journal has no span '" + name + "': " + map);
    }

    List<String> texts(String name) {
      return map.get(name) instanceof List<?> items
          ? items.stream().map(String::valueOf).toList()
          : List.of();
    }

    Map<String, @Nullable Object> map(String name) {
      Map<String, @Nullable Object> result = new LinkedHashMap<>();
      if (map.get(name) instanceof Map<?, ?> nested) {
        nested.forEach((key, value) -> result.put((String) key, value));
      }
      return Collections.unmodifiableMap(result);
    }
  }
}
