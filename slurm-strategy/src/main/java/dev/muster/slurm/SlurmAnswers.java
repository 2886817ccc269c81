package dev.muster.slurm;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmitOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads what Slurm's commands answer. Never throws. */
final class SlurmAnswers {
  /** Columns of squeue: the widths are ours, so that a value with any character in it can be told from the next. */
  private static final String POLICY = "job violates accounting/qos policy";

  private static final String POLICY_GUESS = " (job submit limit, user's size and/or time limits)";
  private static final Pattern POLICY_LIMIT =
      Pattern.compile("(?m)^sbatch: error: ((?:Assoc|QOS)\\w+)$");

  private static final int[] WIDTHS = {40, 24, 16, 12, 64, 160};

  private static final int WIDTH = IntStream.of(WIDTHS).sum();

  static final String SQUEUE_FORMAT =
      "JobArrayID:40,State:24,exit_code:16,RestartCnt:12,BatchHost:64,Reason:160";

  static final String FOUND_FORMAT = "JobArrayID:40";

  static final String COMMENT_FORMAT = "JobArrayID:40,Comment:1024";

  /** Each line ends with a bar, so that one that was cut off is seen. */
  static final String SACCT_FORMAT = "JobID,State,ExitCode,NodeList";

  /** The answer to sbatch --parsable, or what a wrapper of it says that drops the option; each on a line of its own. */
  private static final Pattern SUBMITTED = Pattern.compile(
      "(?m)^[ \\t]*(?:(?:sbatch: )?Submitted batch job )?(\\d{1,18})(?:;\\S+| on cluster \\S+)?[ \\t]*\\r?$");

  private static final Pattern ID = Pattern.compile("\\d{1,18}(_\\d+|_\\[.*)?");
  private static final Pattern CODES = Pattern.compile("(\\d{1,9}):(\\d{1,9})");
  private static final Pattern RAW = Pattern.compile("\\d{1,9}");

  /** No signal: slurmd could not open the files of the job. */
  private static final int NO_FILES = 53;

  private static final List<String> TROUBLE = List.of(
      "unable to contact slurm controller",
      "timed out",
      "temporarily unable",
      "temporarily unavailable",
      "zero bytes were transmitted",
      "standby mode",
      "connection refused",
      "connection reset",
      "connection timed out",
      "not connected",
      "communication failure",
      "communication connection failure",
      "communication shutdown failure",
      "communications connection failure",
      "unexpected message received",
      "authentication error",
      "unable to connect to controller",
      "try again",
      "too many open files",
      "cannot allocate memory");

  private SlurmAnswers() {}

  /** Reads the list of the jobs of a tag. */
  static SubmitOutcome found(CommandResult answer, int copies) {
    Set<String> arrays = new LinkedHashSet<>();
    if (!answer.ok() || !(answer.out().isEmpty() || answer.out().endsWith("\n"))) {
      return new SubmitOutcome.Unclear(answer.describe());
    }
    for (String line : answer.out().lines().map(String::strip).toList()) {
      if (!line.isEmpty() && !ID.matcher(line).matches()) {
        return new SubmitOutcome.Unclear(answer.describe());
      }
      if (!line.isEmpty()) {
        arrays.add(SlurmIds.array(new JobId(line)));
      }
    }
    return switch (arrays.size()) {
      case 0 -> new SubmitOutcome.Rejected("squeue lists no job of this name");
      case 1 -> new SubmitOutcome.Accepted(SlurmIds.tasks(arrays.iterator().next(), copies));
      default ->
        new SubmitOutcome.Unclear("squeue lists more than one array of this name: " + arrays);
    };
  }

  /** Reads the answer to a submission. */
  static SubmitOutcome submitted(CommandResult answer, int copies) {
    if (answer.ok()) {
      Set<String> named = new LinkedHashSet<>();
      SUBMITTED.matcher(answer.out()).results().forEach(line -> named.add(line.group(1)));
      if (named.size() == 1) {
        return new SubmitOutcome.Accepted(SlurmIds.tasks(named.iterator().next(), copies));
      }
      String why =
          named.isEmpty() ? "sbatch named no job: " : "sbatch named the jobs " + named + ": ";
      return new SubmitOutcome.Unclear(why + answer.describe(), answer.out().isBlank());
    }
    String words = answer.words();
    String small = words.toLowerCase(Locale.ROOT);
    if (TROUBLE.stream().anyMatch(small::contains)) {
      return new SubmitOutcome.Unclear(words);
    }
    if (small.contains(POLICY)) {
      Matcher limit = POLICY_LIMIT.matcher(words);
      boolean named = limit.find();
      // The sentence is the same for limits that pass and for those that do not; the line above it
      // tells.
      return named && !limit.group(1).contains("MaxSubmit")
          ? new SubmitOutcome.Rejected(words.replace(POLICY_GUESS, ""))
          : new SubmitOutcome.Full(words);
    }
    boolean missing = answer.exitCode() == 127 || answer.exitCode() == 126;
    if (missing || (small.contains("sbatch:") && answer.exitCode() != 0)) {
      return new SubmitOutcome.Rejected(words + advice(small));
    }
    return new SubmitOutcome.Unclear(answer.describe());
  }

  private static String advice(String words) {
    if (words.contains("invalid job array specification")) {
      return "\nThe site does not take so many jobs in one submission: see MaxArraySize in scontrol show config, and use fewer workers or several pools.";
    }
    if (words.contains("temporary disk specification")) {
      return "\nThe site's nodes do not say how much disk they have (TmpDisk): leave disk out of the pool's resources.";
    }
    if (words.contains("node configuration is not available")) {
      return "\nNo node of the partition has that many CPUs, that much memory or those GPUs: compare the pool's resources with sinfo --Node --long.";
    }
    if (words.contains("invalid partition")) {
      return "\nsinfo lists the partitions; a pool chooses one with config.queue.";
    }
    return "";
  }

  static StatusReport squeue(CommandResult answer, Set<JobId> asked) {
    if (!answer.ok()) {
      // Asked about a single array job that it has forgotten.
      return answer.err().contains("Invalid job id specified")
          ? new StatusReport.Answered(Map.of())
          : new StatusReport.Unavailable(answer.describe());
    }
    Table table = new Table(asked);
    for (String line : answer.out().lines().toList()) {
      if (line.isBlank() || line.startsWith("CLUSTER: ")) {
        continue;
      }
      List<String> fields = columns(line);
      if (line.length() < WIDTH || !ID.matcher(fields.get(0)).matches()) {
        return unreadable(answer, line);
      }
      String restarts = fields.get(3);
      table.add(
          fields.get(0),
          SlurmStates.of(told(
              fields.get(1),
              fields.get(2),
              RAW.matcher(restarts).matches() ? Integer.parseInt(restarts) : 0,
              fields.get(4),
              fields.get(5))));
    }
    return table.report();
  }

  /** Reads the comments of jobs, in which those that failed have left the end of their error log. */
  static Map<JobId, String> comments(CommandResult answer) {
    Map<JobId, String> comments = new HashMap<>();
    if (answer.ok()) {
      for (String line : answer.out().lines().toList()) {
        String id = line.substring(0, Math.min(WIDTHS[0], line.length())).strip();
        String comment =
            line.length() <= WIDTHS[0] ? "" : line.substring(WIDTHS[0]).strip();
        if (ID.matcher(id).matches() && known(comment) != null) {
          comments.put(new JobId(id), lines(comment));
        }
      }
    }
    return comments;
  }

  /** Returns a text of which the line breaks were written as {@code \n}, and backslashes twice. */
  private static String lines(String comment) {
    StringBuilder text = new StringBuilder(comment.length() + 1);
    for (int at = 0; at < comment.length(); at++) {
      char character = comment.charAt(at);
      if (character == '\\' && at + 1 < comment.length()) {
        at++;
        text.append(comment.charAt(at) == 'n' ? '\n' : comment.charAt(at));
      } else {
        text.append(character);
      }
    }
    return text.append('\n').toString();
  }

  static StatusReport sacct(CommandResult answer, Set<JobId> asked) {
    if (!answer.ok()) {
      // A site without a database, or without the command, has nothing to add.
      return answer.exitCode() == 127 || answer.err().contains("accounting storage is disabled")
          ? new StatusReport.Answered(Map.of())
          : new StatusReport.Unavailable(answer.describe());
    }
    Table table = new Table(asked);
    for (String line : answer.out().lines().toList()) {
      if (line.isBlank()) {
        continue;
      }
      String[] fields = line.split("\\|", -1);
      if (fields.length != 5 || !ID.matcher(fields[0]).matches()) {
        return unreadable(answer, line);
      }
      JobStatus status = SlurmStates.of(told(fields[1], fields[2], 0, fields[3], ""));
      // The controller does not know the job: if the database says that it runs, nobody told it
      // that it is over.
      if (status.ended()) {
        table.add(fields[0], status);
      }
    }
    return table.report();
  }

  private static StatusReport unreadable(CommandResult answer, String line) {
    return new StatusReport.Unavailable(
        "cannot read what " + String.join(" ", answer.command()) + " answered: " + line.strip());
  }

  /** States by the ids that Slurm told, of which some mean several jobs. */
  private static final class Table {
    private final Set<JobId> asked;
    private final Map<JobId, JobStatus> statuses = new HashMap<>();
    private final Map<String, JobStatus> arrays = new HashMap<>();

    Table(Set<JobId> asked) {
      this.asked = asked;
    }

    void add(String word, JobStatus status) {
      for (JobId job : SlurmIds.named(word)) {
        if (asked.contains(job)) {
          statuses.put(job, status);
        }
      }
      arrays.put(word, status);
    }

    /**
     * Returns the states of the jobs that were asked for. What is left of an array when its waiting tasks have been
     * cancelled by their numbers is a record under the array's own id; it stands for all tasks that have none.
     */
    StatusReport report() {
      for (JobId job : asked) {
        JobStatus status = arrays.get(SlurmIds.array(job));
        if (status != null) {
          statuses.putIfAbsent(job, status);
        }
      }
      return new StatusReport.Answered(statuses);
    }
  }

  private static SlurmStates.Told told(
      String state, String codes, int restarts, String host, String reason) {
    Matcher pair = CODES.matcher(codes);
    int code = 0;
    int signal = 0;
    if (pair.matches()) {
      code = Integer.parseInt(pair.group(1));
      signal = Integer.parseInt(pair.group(2));
    } else if (RAW.matcher(codes).matches()) { // before 23.11: as the system call wait has it
      int raw = Integer.parseInt(codes);
      code = raw >> 8 & 0xff;
      signal = raw & 0x7f;
    }
    String trouble = null;
    Integer exitCode = null;
    if (signal == NO_FILES) {
      trouble =
          "Slurm could not open the files for the job's output on the node; is the run's folder on a file system that the node has?";
    } else if (signal > 0) {
      exitCode = 128 + signal;
      trouble = signal == 9 ? "killed by signal 9" : null;
    } else if (code > 0) {
      exitCode = code;
    }
    return new SlurmStates.Told(state, exitCode, trouble, restarts, known(host), known(reason));
  }

  private static @Nullable String known(String value) {
    return switch (value) {
      case "", "None", "n/a", "N/A", "(null)", "None assigned" -> null;
      default -> value;
    };
  }

  private static List<String> columns(String line) {
    List<String> fields = new ArrayList<>(WIDTHS.length);
    int start = 0;
    for (int width : WIDTHS) {
      int from = Math.min(start, line.length());
      fields.add(line.substring(from, Math.min(start + width, line.length())).strip());
      start += width;
    }
    return fields;
  }
}
