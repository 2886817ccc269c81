package dev.muster.pbs;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.ShellCommand;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of PBS Professional and OpenPBS, of Torque, and of the commands of Torque that Slurm has. Thread-safe.
 *
 * <p>Source: the manual pages qsub(1B), qstat(1B) and qdel(1B) of OpenPBS, the manual of Torque 2.7, and what Debian's
 * slurm-wlm-torque 22.05 says.
 */
final class PbsDialect implements BatchDialect {
  /** An exit code in a file may come a moment after the end; a server forgets an end as soon. */
  private static final Duration LATE = Duration.ofSeconds(10);

  private static final int DEFAULT_COPIES = 10_000;
  private static final int LAST_OWN_CODE = 125;
  private static final Pattern MOST =
      Pattern.compile("(?m)^\\s*max_(?:job_)?array_size = (\\d{1,9})\\s*$");
  private static final Pattern SPEAKS =
      Pattern.compile("(?m)^(qsub: |muster: |sbatch: error: |There was an error running)");
  private static final Pattern TRANSIENT = Pattern.compile(
      "try again|connect|time(d )?.?out|End of File|premature end|invalid credential|"
          + "server (is )?(busy|shutting down)",
      Pattern.CASE_INSENSITIVE);
  private static final Pattern FULL = Pattern.compile(
      "would exceed .*limit|exceeds the queue limit|MaxSubmitJobs|QOSMaxSubmit|job submit limit",
      Pattern.CASE_INSENSITIVE);
  private static final Pattern NOT_THERE = Pattern.compile(
      ".*Unknown Job.*|.*as finished.*|.*invalid state for job.*|.*Request invalid for state.*",
      Pattern.CASE_INSENSITIVE);
  private static final Pattern SIGNALLED =
      Pattern.compile("(?m)^muster: SIGTERM after (\\d{1,9}) s of (\\d{1,9}) s$");

  @Override
  public String name() {
    return "pbs";
  }

  @Override
  public Set<String> options() {
    return PbsDirectives.OPTIONS;
  }

  @Override
  public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
    PbsDirectives asked = new PbsDirectives(spec);
    JobScript script = JobScript.of(spec, tag, directory)
        .mark(PbsDirectives.MARK)
        .index("${PBS_ARRAY_INDEX:-${PBS_ARRAYID:-${" + CopyLoop.VARIABLE + ":-0}}}")
        .ownLogs("${PBS_JOBID:-$SLURM_JOB_ID}")
        .carriedEnvironment();
    Long walltime = asked.walltime();
    if (walltime != null) {
      script.signalled("echo \"muster: SIGTERM after $SECONDS s of " + walltime + " s\" >&2");
    }
    asked.lines(tag).forEach(script::directive);
    Path file = directory.resolve(tag + ".sh");
    List<String> arguments = List.of(
        directory.resolve(tag + Submission.ENVIRONMENT).toString(),
        file.toString(),
        Integer.toString(copies),
        asked.flavour(),
        asked.chunks(),
        asked.place(),
        asked.nodes());
    return new Submission(
        ShellCommand.of("qsub", PbsCommands.SUBMIT, arguments), Map.of(file, script.text()), null);
  }

  @Override
  public SubmitOutcome submitted(CommandResult answer, int copies) {
    List<String> lines =
        answer.out().lines().filter(line -> !line.isBlank()).map(String::strip).toList();
    List<JobId> jobs = PbsIds.submitted(lines, copies);
    if (answer.ok()) {
      return jobs == null
          ? new SubmitOutcome.Unclear(answer.describe())
          : new SubmitOutcome.Accepted(jobs);
    }
    String words = answer.words();
    if (!answer.out().isBlank() || !SPEAKS.matcher(words).find()) {
      return new SubmitOutcome.Unclear(answer.describe());
    }
    if (FULL.matcher(words).find()) {
      return new SubmitOutcome.Full(words);
    }
    return TRANSIENT.matcher(words).find()
        ? new SubmitOutcome.Unclear(answer.describe())
        : new SubmitOutcome.Rejected(words);
  }

  @Override
  public List<StatusSource> statusSources(List<JobArray> arrays) {
    List<JobId> jobs = arrays.stream().flatMap(array -> array.jobs().stream()).toList();
    List<String> ids = List.copyOf(PbsIds.whole(jobs));
    String names = PbsNames.words(arrays);
    List<String> table = new ArrayList<>(List.of(names));
    if (ids.stream().anyMatch(id -> id.contains("["))) {
      table.add("-t");
    }
    table.addAll(ids);
    // Slurm tells no more of a job than its table does.
    List<String> kept = new ArrayList<>(List.of(names));
    jobs.stream().filter(job -> !PbsIds.ofSlurm(job)).map(JobId::id).forEach(kept::add);
    String records = kept.size() == 1 ? "echo 'muster: end 0'" : PbsCommands.RECORDS;
    return List.of(
        new StatusSource.Command(ShellCommand.of("qstat", PbsCommands.TABLE, table)),
        new StatusSource.Command(ShellCommand.of("records", records, kept), LATE));
  }

  @Override
  public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    return ShellCommand.named("records", answer)
        ? PbsRecords.read(answer, asked)
        : PbsTable.read(answer, asked);
  }

  @Override
  public List<String> cancelCommand(Set<JobId> jobs) {
    List<String> command = new ArrayList<>(List.of("env", "LC_ALL=C", "qdel"));
    jobs.stream().map(JobId::id).sorted().forEach(command::add);
    return command;
  }

  @Override
  public List<String> cancelCommand(String tag) {
    return ShellCommand.of("qdel", PbsCommands.DELETE, List.of(JobNames.of(tag), tag));
  }

  @Override
  public List<String> findCommand(String tag) {
    return ShellCommand.of("find", PbsCommands.FIND, List.of(JobNames.of(tag), tag));
  }

  @Override
  public SubmitOutcome found(CommandResult answer, int copies) {
    List<String> lines = answer.out().lines().map(String::strip).toList();
    int last = lines.size() - 1;
    if (!answer.ok() || last < 0 || !answer.out().endsWith("muster: end\n")) {
      return new SubmitOutcome.Unclear(answer.describe());
    }
    if (last == 0) {
      return new SubmitOutcome.Rejected("PBS knows no job of this name");
    }
    return PbsIds.found(lines.subList(0, last), copies, answer);
  }

  /** {@code qdel} fails where a job has gone already; then it has told the others all the same. Slurm's says nothing. */
  @Override
  public boolean cancelled(CommandResult answer) {
    List<String> lines = (answer.out() + "\n" + answer.err())
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
    return answer.ok()
        || (lines.isEmpty()
            ? answer.exitCode() <= LAST_OWN_CODE
            : lines.stream().allMatch(line -> NOT_THERE.matcher(line).matches()));
  }

  @Override
  public List<String> versionCommand() {
    return ShellCommand.of("version", PbsCommands.VERSION, List.of());
  }

  @Override
  public List<String> mostCopiesCommand() {
    return List.of("qstat", "-B", "-f");
  }

  @Override
  public int mostCopies(CommandResult answer) {
    Matcher most = MOST.matcher(answer.out());
    return most.find() ? Math.max(1, Integer.parseInt(most.group(1))) : DEFAULT_COPIES;
  }

  /** A job that PBS ends at its walltime is sent a signal first, and leaves the exit code of that. */
  @Override
  public JobStatus.Ended ended(JobStatus.Ended told, String errorLog) {
    Matcher signal = SIGNALLED.matcher(errorLog);
    boolean over =
        signal.find() && Long.parseLong(signal.group(1)) >= Long.parseLong(signal.group(2));
    return over ? new JobStatus.Ended(End.WALLTIME, told.exitCode(), told.reason()) : told;
  }

  @Override
  public List<String> explainCommand(JobId job) {
    return ShellCommand.of("why", PbsCommands.WHY, List.of(job.id()));
  }

  /** The table has no reasons. */
  @Override
  public boolean explainsAtOnce(JobStatus status) {
    return status instanceof JobStatus.Held;
  }

  @Override
  public JobStatus explained(CommandResult answer) {
    return PbsRecords.why(answer.out());
  }
}
