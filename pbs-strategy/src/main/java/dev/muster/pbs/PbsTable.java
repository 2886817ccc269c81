package dev.muster.pbs;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The table of {@code qstat}: jobs that wait or run, and some that have just ended. */
final class PbsTable {
  /** Numbers of errors of the server, modulo 256: no such job; ended, and told of with -x only; none are kept. */
  static final Set<Integer> GONE = Set.of(153, 35, 36);

  private static final Pattern END = Pattern.compile("(?s)(.*\\n)?muster: end (\\d{1,3})\\n");
  private static final Pattern JOB =
      Pattern.compile("(\\d[\\d\\[\\]]*\\S*)\\s+(\\S+)\\s.*\\s([A-Z])\\s+\\S+\\s*");
  private static final Pattern GONE_WORDS = Pattern.compile(
      ".*Unknown Job.*|.*as finished.*|.*not configured to maintain job history.*",
      Pattern.CASE_INSENSITIVE);
  private static final Pattern SAYS = Pattern.compile("(qstat|pbs_\\w+|Problem)\\b.*");

  private PbsTable() {}

  static StatusReport read(CommandResult answer, Set<JobId> asked) {
    List<String> lines = answered(answer);
    if (lines == null) {
      return new StatusReport.Unavailable(answer.describe());
    }
    PbsNames names = PbsNames.in(answer);
    Map<String, JobId> jobs = PbsIds.shown(asked);
    Map<JobId, JobStatus> statuses = new HashMap<>();
    for (String line : lines) {
      Matcher row = JOB.matcher(line);
      JobId job = row.matches() ? jobs.get(PbsIds.shown(row.group(1))) : null;
      boolean its = job != null && names.fit(job, row.group(2));
      JobStatus status = its ? status(row.group(3)) : null;
      if (status != null) {
        statuses.put(job, status);
      }
    }
    return new StatusReport.Answered(statuses);
  }

  /** Returns the lines of an answer of {@code qstat}; null if it could not be asked. */
  static @Nullable List<String> answered(CommandResult answer) {
    Matcher end = END.matcher(answer.out());
    if (!answer.ok() || !end.matches()) {
      return null;
    }
    int code = Integer.parseInt(end.group(2));
    boolean understood = answer
        .err()
        .lines()
        .filter(line -> SAYS.matcher(line).matches())
        .allMatch(PbsTable::saysGone);
    boolean answered = code == 0 || GONE.contains(code);
    return answered && understood
        ? (end.group(1) == null ? List.of() : end.group(1).lines().toList())
        : null;
  }

  /** Tells whether a line says no more than that a job is not in the queue. */
  static boolean saysGone(String line) {
    return GONE_WORDS.matcher(line).matches();
  }

  /** Returns what a state means, or null if it says no more than that the job is over. */
  static @Nullable JobStatus status(String state) {
    return switch (state) {
      case "Q", "T" -> new JobStatus.Pending(null);
      case "W" -> new JobStatus.Pending("waits for its time (W)");
      case "H" -> new JobStatus.Held("on hold (H)");
      case "S", "U" -> new JobStatus.Held("suspended (" + state + ")");
      case "R", "B" -> new JobStatus.Running(null);
      case "E" -> new JobStatus.Ending(null);
      case "F", "X", "C" -> null;
      case "M" -> new JobStatus.Unknown("M: moved to another server");
      default -> new JobStatus.Unknown(state);
    };
  }
}
