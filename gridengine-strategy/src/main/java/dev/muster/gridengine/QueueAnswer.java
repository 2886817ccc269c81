package dev.muster.gridengine;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code qstat -xml} says of jobs that wait or run, and behind it what {@code qstat -j} says of those in an error
 * state.
 */
final class QueueAnswer {
  private static final Pattern WHOLE =
      Pattern.compile("(?s)<job_info\\s.*?</job_info>\\s*</job_info>\\s*\\n(.*\\n)?muster: end\\n");
  private static final Pattern JOB =
      Pattern.compile("<job_list[^>]*>(.*?)</job_list>", Pattern.DOTALL);
  private static final Pattern STATE = Pattern.compile("[dhEqwrtRsSTNPza]{1,8}");
  private static final Pattern SILENT = Pattern.compile("(?m)^muster: silent (\\S+)$");
  private static final String SUSPENDED = "sSTNP";

  private QueueAnswer() {}

  static StatusReport read(CommandResult answer, Set<JobId> asked) {
    int start = answer.out().indexOf("<job_info");
    Matcher whole = WHOLE.matcher(start < 0 ? "" : answer.out().substring(start));
    if (!answer.ok() || !whole.matches()) {
      return new StatusReport.Unavailable(answer.describe());
    }
    String reasons = whole.group(1) == null ? "" : whole.group(1);
    Set<String> silent =
        SILENT.matcher(reasons).results().map(line -> line.group(1)).collect(Collectors.toSet());
    Names names = Names.in(answer.command());
    Map<JobId, JobStatus> statuses = new HashMap<>();
    Matcher job = JOB.matcher(whole.group());
    while (job.find()) {
      String entry = job.group(1);
      String number = text(entry, "JB_job_number");
      String state = text(entry, "state");
      String queue = text(entry, "queue_name");
      JobStatus status = status(state, host(queue));
      if (status instanceof JobStatus.Running && silent.contains(queue)) {
        status = new JobStatus.Held("its host " + host(queue) + " does not answer (queue state u)");
      }
      if (status == null || !names.fit(number, text(entry, "JB_name"))) {
        continue;
      }
      for (JobId id : GridEngineIds.among(asked, number, text(entry, "tasks"))) {
        String why =
            state.indexOf('E') < 0 ? null : Reasons.error(reasons, number, GridEngineIds.task(id));
        statuses.put(
            id,
            why == null ? status : new JobStatus.Held("in error state (" + state + "): " + why));
      }
    }
    return new StatusReport.Answered(statuses);
  }

  /** Returns what a state means, or null if it says no more than that the job was there. */
  static @Nullable JobStatus status(String state, @Nullable String host) {
    if (!STATE.matcher(state).matches()) {
      return new JobStatus.Unknown(state.isEmpty() ? "no state" : state);
    }
    boolean started = state.indexOf('r') >= 0 || state.indexOf('t') >= 0;
    if (state.indexOf('z') >= 0) {
      return null;
    }
    if (state.indexOf('d') >= 0) {
      return started ? new JobStatus.Running(host) : new JobStatus.Pending("is being deleted");
    }
    if (state.indexOf('E') >= 0) {
      return new JobStatus.Held("in error state (" + state + ")");
    }
    if (state.chars().anyMatch(letter -> SUSPENDED.indexOf(letter) >= 0)) {
      return new JobStatus.Held("suspended (" + state + ")");
    }
    if (started) {
      return new JobStatus.Running(host);
    }
    if (state.indexOf('h') >= 0) {
      return new JobStatus.Held("on hold (" + state + ")");
    }
    if (state.indexOf('R') >= 0) {
      return new JobStatus.Pending("put back into the queue");
    }
    return state.indexOf('w') >= 0 ? new JobStatus.Pending(null) : new JobStatus.Unknown(state);
  }

  private static @Nullable String host(String queue) {
    int at = queue.indexOf('@');
    return at < 0 ? null : queue.substring(at + 1);
  }

  private static String text(String entry, String name) {
    int start = entry.indexOf("<" + name + ">");
    int end = entry.indexOf("</" + name + ">");
    return start < 0 || end < start
        ? ""
        : entry.substring(start + name.length() + 2, end).strip();
  }
}
