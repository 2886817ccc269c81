package dev.muster.gridengine;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code qacct} says of jobs that have ended. */
final class Accounts {
  private static final Pattern FIELD = Pattern.compile("(?m)^(\\w+)[ \\t]+(\\S.*?)[ \\t]*$");
  private static final Pattern NUMBER = Pattern.compile("(\\d{1,9})(?!\\d)");
  private static final Pattern WALLTIME = Pattern.compile("\\bh_rt=(\\d{1,12})");

  /** Codes of {@code failed}, as the manual page sge_status(5) has them. */
  private static final int RESCHEDULED = 25;

  private static final int HOST_LOST = 19;
  private static final int BY_LIMIT = 37;
  private static final int BY_SIGNAL = 100;
  private static final int KILLED = 128 + 9;

  private Accounts() {}

  static StatusReport read(CommandResult answer, Set<JobId> asked) {
    if (!answer.ok() || !answer.out().endsWith("muster: end\n")) {
      return new StatusReport.Unavailable(answer.describe());
    }
    Names names = Names.in(answer.command());
    Map<JobId, JobStatus> statuses = new HashMap<>();
    for (String record : answer.out().split("(?m)^={10,}$", -1)) {
      Map<String, String> fields = new HashMap<>();
      Matcher field = FIELD.matcher(record);
      while (field.find()) {
        fields.putIfAbsent(field.group(1), field.group(2));
      }
      String number = fields.get("jobnumber");
      String task = fields.get("taskid");
      if (number != null && task != null && names.fit(number, fields.getOrDefault("jobname", ""))) {
        JobStatus status = status(fields);
        for (JobId id : GridEngineIds.among(asked, number, task.equals("undefined") ? "" : task)) {
          // A job that was put back into the queue has a record for each start; the last one
          // counts.
          statuses.put(id, status);
        }
      }
    }
    return new StatusReport.Answered(statuses);
  }

  private static JobStatus status(Map<String, String> fields) {
    Integer code = number(fields.get("exit_status"));
    Integer failed = number(fields.get("failed"));
    if (code == null || failed == null) {
      return new JobStatus.Unknown("a record of qacct without exit_status or failed");
    }
    String why = "Grid Engine says: failed " + fields.get("failed");
    if (failed == BY_LIMIT) {
      return new JobStatus.Ended(limit(fields), null, why);
    }
    if (failed == BY_SIGNAL && code == KILLED) {
      return new JobStatus.Ended(End.CANCELLED, code, "killed, by qdel or from outside");
    }
    if (failed == HOST_LOST) {
      return new JobStatus.Ended(End.NODE_LOST, null, why);
    }
    if (failed == RESCHEDULED) {
      return new JobStatus.Ended(End.CANCELLED, null, why);
    }
    if (failed != 0 && failed != BY_SIGNAL) {
      return new JobStatus.Ended(End.LOST, null, why);
    }
    if (code == 0) {
      // What was removed by force has a record without usage that looks as if all was well.
      return "0".equals(fields.get("ru_minflt"))
          ? new JobStatus.Ended(
              End.LOST, null, "Grid Engine knows no usage of it: removed by force")
          : new JobStatus.Ended(End.SUCCEEDED, 0, null);
    }
    // The script makes 1 of codes that mean something to Grid Engine; its file has the true one.
    return new JobStatus.Ended(End.FAILED, code == 1 ? null : code, null);
  }

  /** Grid Engine has one code for time and memory. */
  private static End limit(Map<String, String> fields) {
    String category = fields.getOrDefault("category", "");
    Matcher asked = WALLTIME.matcher(category);
    Integer took = number(fields.get("ru_wallclock"));
    boolean time = asked.find()
        ? took != null && took >= Long.parseLong(asked.group(1))
        : !category.contains("vmem=") && !category.contains("rss=");
    return time ? End.WALLTIME : End.OUT_OF_MEMORY;
  }

  private static @Nullable Integer number(@Nullable String text) {
    Matcher number = NUMBER.matcher(text == null ? "" : text);
    return number.lookingAt() ? Integer.valueOf(number.group(1)) : null;
  }
}
