package dev.muster.condor;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.JobStatus.Ended;
import dev.muster.batch.spi.JobStatus.Pending;
import dev.muster.batch.spi.JobStatus.Running;
import dev.muster.batch.spi.StatusReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads the job ads that {@code condor_q -json} and {@code condor_history -json} print. Never throws. */
final class JobAds {
  /** The attributes that it reads. */
  static final String ATTRIBUTES = String.join(
      ",",
      List.of(
          "ClusterId",
          "ProcId",
          "JobStatus",
          "RemoteHost",
          "ExitBySignal",
          "ExitCode",
          "ExitSignal",
          "HoldReason",
          "HoldReasonCode",
          "HoldReasonSubCode",
          "LastHoldReason",
          "LastHoldReasonCode",
          "LastHoldReasonSubCode",
          "RemoveReason"));

  private static final JsonFactory FACTORY = new JsonFactory();

  private final Map<String, Object> values;

  private JobAds(Map<String, Object> values) {
    this.values = values;
  }

  /** Returns the states of jobs; those that were not asked for and those without an ad are absent. */
  static StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    if (!answer.ok()) {
      return new StatusReport.Unavailable(answer.describe());
    }
    Map<JobId, JobStatus> statuses = new HashMap<>();
    if (answer.out().isBlank()) { // condor_q says nothing when it found nothing
      return new StatusReport.Answered(statuses);
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), answer.out())) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        return unreadable(answer, "it is not a list");
      }
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        JobAds ad = new JobAds(read(parser));
        Integer cluster = ad.number("ClusterId");
        Integer process = ad.number("ProcId");
        if (cluster != null && process != null) {
          JobId id = new JobId(cluster + "." + process);
          if (asked.contains(id)) {
            statuses.put(id, ad.status());
          }
        }
      }
      return parser.currentToken() == JsonToken.END_ARRAY
          ? new StatusReport.Answered(statuses)
          : unreadable(answer, "it is not a list of job ads");
    } catch (JacksonException e) {
      return unreadable(answer, String.valueOf(e.getOriginalMessage()));
    }
  }

  private static StatusReport unreadable(CommandResult answer, String why) {
    return new StatusReport.Unavailable("the answer of " + answer.command().get(0)
        + " cannot be read, " + why + ": " + answer.words());
  }

  private static Map<String, Object> read(JsonParser parser) {
    Map<String, Object> values = new HashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      switch (parser.nextToken()) {
        case VALUE_STRING -> values.put(name, parser.getString());
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> values.put(name, parser.getDoubleValue());
        case VALUE_TRUE -> values.put(name, true);
        case VALUE_FALSE -> values.put(name, false);
        default -> parser.skipChildren();
      }
    }
    return values;
  }

  private JobStatus status() {
    Integer status = number("JobStatus");
    if (status == null) {
      return new JobStatus.Unknown("a job ad without JobStatus");
    }
    return switch (status) {
      case 1 -> new Pending(null);
      case 2, 6, 7 -> new Running(host()); // running, transferring output, suspended
      case 3 -> Ends.removed(text("RemoveReason"), lastHold(), false);
      case 4 -> completed();
      case 5 ->
        Ends.held(number("HoldReasonCode"), number("HoldReasonSubCode"), text("HoldReason"));
      default -> new JobStatus.Unknown("JobStatus " + status);
    };
  }

  private JobStatus completed() {
    Integer signal = number("ExitSignal");
    if (Boolean.TRUE.equals(values.get("ExitBySignal")) && signal != null) {
      return Ends.killed(signal);
    }
    Integer code = number("ExitCode");
    return code == null
        ? new Ended(End.LOST, null, "the job ad does not say how it ended")
        : Ends.exited(code);
  }

  private @Nullable JobStatus lastHold() {
    Integer code = number("HoldReasonCode");
    if (code != null) {
      return Ends.held(code, number("HoldReasonSubCode"), text("HoldReason"));
    }
    code = number("LastHoldReasonCode");
    return code == null
        ? null
        : Ends.held(code, number("LastHoldReasonSubCode"), text("LastHoldReason"));
  }

  private @Nullable String host() {
    String slot = text("RemoteHost");
    return slot == null ? null : slot.substring(slot.indexOf('@') + 1);
  }

  private @Nullable String text(String name) {
    return values.get(name) instanceof String text ? text : null;
  }

  private @Nullable Integer number(String name) {
    return values.get(name) instanceof Double number ? Integer.valueOf(number.intValue()) : null;
  }
}
