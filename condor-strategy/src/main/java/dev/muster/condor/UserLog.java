package dev.muster.condor;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.Ended;
import dev.muster.batch.spi.JobStatus.Pending;
import dev.muster.batch.spi.JobStatus.Running;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the event log of a submission, in its text form. Any text is read: what is not an event that moves a job is
 * passed over, and so is the last event while it is being written.
 *
 * <p>Source: "Job Event Log Codes" in the manual of HTCondor 23; the forms are those of logs of 23.9.6.
 */
final class UserLog {
  private static final Pattern HEAD =
      Pattern.compile("(\\d{3}) \\((\\d{1,9})\\.(\\d{1,9})\\.\\d{1,9}\\) (.*)");
  private static final Pattern RETURNED =
      Pattern.compile("\\(1\\) Normal termination \\(return value (-?\\d{1,9})\\)");
  private static final Pattern SIGNALLED =
      Pattern.compile("\\(0\\) Abnormal termination \\(signal (\\d{1,9})\\)");
  private static final Pattern CODES = Pattern.compile("Code (\\d{1,9}) Subcode (-?\\d{1,9})");
  private static final Pattern SLOT = Pattern.compile("SlotName: (?:[^@]*@)?(\\S+)");
  private static final Pattern ALIAS = Pattern.compile("[?&]alias=([^&>]+)");
  private static final String DETAIL = "Partitionable Resources";

  private final Map<JobId, Job> jobs = new HashMap<>();

  /** What is known of one job so far. */
  private static final class Job {
    JobStatus status = new Pending(null);

    @Nullable
    JobStatus hold;

    boolean evicted;
  }

  private UserLog() {}

  /** Returns the states of those jobs that a log knows. */
  static Map<JobId, JobStatus> statuses(String text, Set<JobId> asked) {
    UserLog log = new UserLog();
    List<String> event = new ArrayList<>();
    for (String line : (Iterable<String>) text.lines()::iterator) {
      if (line.equals("...")) {
        log.take(event);
        event.clear();
      } else {
        event.add(line);
      }
    }
    Map<JobId, JobStatus> statuses = new HashMap<>();
    log.jobs.forEach((id, job) -> {
      if (asked.contains(id)) {
        statuses.put(id, job.status);
      }
    });
    return statuses;
  }

  // An event that was cut off by a crash has no end: what follows has its own head.
  private void take(List<String> lines) {
    int start = -1;
    Matcher head = null;
    for (int i = 0; i < lines.size(); i++) {
      Matcher matcher = HEAD.matcher(lines.get(i));
      if (matcher.matches()) {
        head = matcher;
        start = i;
      }
    }
    if (head == null) {
      return;
    }
    JobId id = new JobId(Integer.parseInt(head.group(2)) + "." + Integer.parseInt(head.group(3)));
    Job job = jobs.computeIfAbsent(id, missing -> new Job());
    if (!job.status.ended()) {
      List<String> body = lines.subList(start + 1, lines.size()).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .toList();
      move(job, Integer.parseInt(head.group(1)), head.group(4), body);
    }
  }

  private static void move(Job job, int event, String title, List<String> body) {
    switch (event) {
      case 0 -> job.status = new Pending(null); // submitted
      case 1 -> { // executing
        job.status = new Running(host(title, body));
        job.evicted = false;
      }
      case 4 -> { // evicted
        job.status = new Pending(waits("it lost its place and waits for another", evictedBy(body)));
        job.evicted = true;
      }
      case 5 -> terminated(job, body);
      case 7 ->
        job.status = new Pending(
            waits("it failed to run and waits to run again", first(body))); // shadow exception
      case 9 -> job.status = Ends.removed(first(body), job.hold, job.evicted); // aborted
      case 12 -> { // held
        Matcher codes = found(CODES, body);
        job.hold = Ends.held(
            codes == null ? null : Integer.valueOf(codes.group(1)),
            codes == null ? null : Integer.valueOf(codes.group(2)),
            body.isEmpty() || CODES.matcher(body.get(0)).matches() ? null : body.get(0));
        job.status = job.hold;
      }
      case 13 -> { // released
        job.status = new Pending(null);
        job.hold = null;
        job.evicted = false;
      }
      case 24 -> { // reconnection failed
        job.status =
            new Pending(waits("its machine was lost, and it waits for another", first(body)));
        job.evicted = true;
      }
      default -> {} // among them suspended, disconnected and reconnected: it has its place
    }
  }

  private static void terminated(Job job, List<String> body) {
    Matcher returned = found(RETURNED, body);
    if (returned != null) {
      job.status = Ends.exited(Integer.parseInt(returned.group(1)));
      return;
    }
    Matcher signalled = found(SIGNALLED, body);
    job.status = signalled == null
        ? new Ended(JobStatus.End.LOST, null, "the log does not say how it ended")
        : Ends.killed(Integer.parseInt(signalled.group(1)));
  }

  private static @Nullable String host(String title, List<String> body) {
    Matcher slot = found(SLOT, body);
    if (slot != null) {
      return slot.group(1);
    }
    Matcher alias = ALIAS.matcher(title);
    if (alias.find()) {
      return alias.group(1);
    }
    int address = title.indexOf("on host: ");
    return address < 0 ? null : title.substring(address + "on host: ".length()).strip();
  }

  /** Returns why, where the log says so: the first line tells whether there was a checkpoint. */
  private static @Nullable String evictedBy(List<String> body) {
    return body.stream()
        .takeWhile(line -> !line.startsWith(DETAIL))
        .filter(
            line -> !line.startsWith("(") && !line.startsWith("Usr ") && !line.contains(" Bytes "))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable String first(List<String> body) {
    return body.isEmpty() ? null : body.get(0);
  }

  private static String waits(String what, @Nullable String why) {
    return why == null ? what : what + ": " + why;
  }

  private static @Nullable Matcher found(Pattern pattern, List<String> body) {
    for (String line : body) {
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        return matcher;
      }
    }
    return null;
  }
}
