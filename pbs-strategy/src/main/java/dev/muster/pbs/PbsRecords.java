package dev.muster.pbs;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All that {@code qstat -f} says of jobs, in its text form: its JSON is broken by quotes and numbers of users' variables,
 * and newer versions print the first of several jobs alone.
 */
final class PbsRecords {
  private static final Pattern RECORD = Pattern.compile("(?m)^Job Id:\\s*");
  private static final Pattern FIELD = Pattern.compile("(?m)^\\s+([A-Za-z_.]+) = (.*)$");
  private static final Pattern TIME = Pattern.compile("(\\d{1,9}):(\\d{2}):(\\d{2})");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})(b|kb|mb|gb|tb)");
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}");
  private static final Pattern NEVER = Pattern.compile("(?i)can never run.*");
  private static final int KILL = 9;
  private static final int TERM = 15;

  private PbsRecords() {}

  static StatusReport read(CommandResult answer, Set<JobId> asked) {
    List<String> lines = PbsTable.answered(answer);
    if (lines == null) {
      return new StatusReport.Unavailable(answer.describe());
    }
    PbsNames names = PbsNames.in(answer);
    Map<String, JobId> jobs = PbsIds.shown(asked);
    Map<JobId, JobStatus> statuses = new HashMap<>();
    for (String record : RECORD.split(String.join("\n", lines), -1)) {
      JobId job = jobs.get(PbsIds.shown(record));
      if (job != null) {
        Map<String, String> fields = fields(record);
        if (names.fit(job, fields.getOrDefault("job_name", ""))) {
          statuses.put(job, status(fields));
        }
      }
    }
    return new StatusReport.Answered(statuses);
  }

  /** Says why a job waits or is held. */
  static JobStatus why(String said) {
    Map<String, String> fields = fields(said);
    String comment = fields.get("comment");
    if (PbsTable.status(fields.getOrDefault("job_state", "")) instanceof JobStatus.Held held) {
      String types = fields.get("hold_types"); // of whom: u is its owner
      String words = comment != null ? comment : types == null ? null : "Hold_Types = " + types;
      return words == null ? held : new JobStatus.Held(held.reason() + ": " + words);
    }
    if (comment == null) {
      return new JobStatus.Pending(null);
    }
    return NEVER.matcher(comment).matches()
        ? new JobStatus.Impossible(comment)
        : new JobStatus.Pending(comment);
  }

  /** Long values go on in lines that begin with a tab. Of a name that comes again the first counts. */
  private static Map<String, String> fields(String record) {
    Map<String, String> fields = new HashMap<>();
    Matcher field = FIELD.matcher(record.replaceAll("\\n\\t(?!\\w+ = )", ""));
    while (field.find()) {
      fields.putIfAbsent(
          field.group(1).toLowerCase(java.util.Locale.ROOT), field.group(2).strip());
    }
    return fields;
  }

  private static JobStatus status(Map<String, String> fields) {
    String state = fields.getOrDefault("job_state", "");
    String code = fields.get("exit_status");
    JobStatus status = PbsTable.status(state);
    if (status != null) {
      return status;
    }
    String comment = fields.get("comment");
    if (code == null || !NUMBER.matcher(code).matches()) {
      return new JobStatus.Ended(End.LOST, null, comment);
    }
    return end(Integer.parseInt(code), fields, comment);
  }

  private static JobStatus end(int code, Map<String, String> fields, @Nullable String comment) {
    if (code < 0) {
      return new JobStatus.Ended(
          End.LOST,
          null,
          "PBS could not run it: Exit_status = " + code + (comment == null ? "" : ", " + comment));
    }
    if (code == 0) {
      return new JobStatus.Ended(End.SUCCEEDED, 0, null);
    }
    int signal = code >= 256 ? code - 256 : code > 128 ? code - 128 : 0;
    if (signal == KILL || signal == TERM) {
      Integer told = 128 + signal;
      if (over(seconds(fields, "resources_used."), seconds(fields, "resource_list."))) {
        return new JobStatus.Ended(End.WALLTIME, told, comment);
      }
      return over(memory(fields, "resources_used."), memory(fields, "resource_list."))
          ? new JobStatus.Ended(End.OUT_OF_MEMORY, told, comment)
          : new JobStatus.Ended(
              End.CANCELLED, told, "ended by signal " + signal + ", by qdel or from outside");
    }
    return new JobStatus.Ended(End.FAILED, code >= 256 ? 128 + signal : code, comment);
  }

  private static boolean over(@Nullable Long used, @Nullable Long asked) {
    return used != null && asked != null && used >= asked;
  }

  private static @Nullable Long seconds(Map<String, String> fields, String of) {
    Matcher time = TIME.matcher(fields.getOrDefault(of + "walltime", ""));
    return time.matches()
        ? Long.valueOf(Long.parseLong(time.group(1)) * 3600
            + Long.parseLong(time.group(2)) * 60
            + Long.parseLong(time.group(3)))
        : null;
  }

  private static @Nullable Long memory(Map<String, String> fields, String of) {
    Matcher size = SIZE.matcher(fields.getOrDefault(of + "mem", ""));
    if (!size.matches()) {
      return null;
    }
    int power = List.of("b", "kb", "mb", "gb", "tb").indexOf(size.group(2));
    return Long.parseLong(size.group(1)) << (10 * power);
  }
}
