package dev.muster.gridengine;

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
 * The words of Grid Engine. Thread-safe.
 *
 * <p>Source: the manual pages of Son of Grid Engine 8.1.9, and what that says. Commands that need more than one word of
 * an answer run by way of {@code sh}, with ids as arguments; {@code LC_ALL=C} keeps their words those that are known
 * here.
 */
final class GridEngineDialect implements BatchDialect {
  /** Exit codes that Grid Engine takes for "start it again" and "put it into an error state". */
  private static final List<Integer> RESERVED = List.of(99, 100);

  private static final int JOB_LIMIT = 25;

  /** Sites write accounting every 15 seconds, as it is installed. */
  private static final Duration ACCOUNTING = Duration.ofSeconds(30);

  private static final int DEFAULT_TASKS = 75_000;
  private static final Pattern TASKS = Pattern.compile("(?m)^max_aj_tasks\\s+(\\d{1,9})\\s*$");
  private static final Pattern SUBMITTED = Pattern.compile("(?m)^(\\d{1,10})\\.1-(\\d{1,9}):1$");
  private static final Pattern FOUND = Pattern.compile("(?m)^job_?number:?\\s+(\\d{1,10})\\s*$");
  private static final Pattern REFUSED =
      Pattern.compile("(?m)^(Unable to run job: |qsub: |error: no suitable queues)");
  private static final Pattern TRANSIENT = Pattern.compile(
      "commlib|unable to (send|contact|connect)|can't connect|answer list|timeout|got \\w+ error|try again",
      Pattern.CASE_INSENSITIVE);
  private static final Pattern GONE =
      Pattern.compile("(denied: )?(job|The job) .*does not exist\\.?");
  private static final Pattern DELETED =
      Pattern.compile(".* has (deleted|registered) .*|.*is already in deletion.*");
  private static final Pattern NO_MEMORY = Pattern.compile(
      "(?m)^MemoryError|std::bad_alloc|Cannot allocate memory|java\\.lang\\.OutOfMemoryError|Unable to allocate");

  private static final List<String> OWN_VARIABLES = List.of(
      "JOB_ID",
      "JOB_NAME",
      "JOB_SCRIPT",
      "QUEUE",
      "NSLOTS",
      "NHOSTS",
      "NQUEUES",
      "PE",
      "PE_HOSTFILE",
      "TMPDIR",
      "TMP",
      "ARC",
      "REQUEST",
      "RESTARTED",
      "ENVIRONMENT",
      "HOSTNAME",
      "SGE_TASK_ID",
      "SGE_TASK_FIRST",
      "SGE_TASK_LAST",
      "SGE_TASK_STEPSIZE",
      "SGE_JOB_SPOOL_DIR",
      "SGE_STDOUT_PATH",
      "SGE_STDERR_PATH");

  // The environment goes along in a file that its owner alone can read: what qsub -V takes,
  // qstat -j shows to everybody.
  private static final String SUBMIT =
      Submission.keepEnvironment(OWN_VARIABLES) + " && exec qsub \"$2\"";

  // Why a job is in an error state says qstat -j alone; that a host is lost, its queues alone.
  private static final String ASK =
      "LC_ALL=C; export LC_ALL; said=$(qstat -s prs -xml); code=$?; printf '%s\\n' \"$said\"; "
          + "bad=$(printf '%s\\n' \"$said\""
          + " | sed -n -e 's/.*<JB_job_number>\\([0-9]*\\)<.*/\\1/'"
          + " -e '/^[0-9][0-9]*$/h' -e '/<state>[A-Za-z]*E/{x;p;}'"
          + " | sort -u | head -n 100 | paste -s -d , -); "
          + "if [ $code = 0 ] && [ -n \"$bad\" ]; then qstat -j \"$bad\"; fi; "
          + "case $said in *'state=\"running\"'*) qstat -f -qs u -xml"
          + " | sed -n 's/.*<name>\\([^<]*\\)<.*/muster: silent \\1/p';; esac; "
          + "echo 'muster: end'; exit $code";
  // It takes one job at a time. Behind each number stands a name.
  private static final String ACCOUNTS =
      "LC_ALL=C; export LC_ALL; while [ $# -gt 0 ]; do qacct -j \"$1\" 2>&1; shift 2; done; echo 'muster: end'";
  private static final String DELETE =
      "said=$(LC_ALL=C qdel \"$1\" 2>&1); code=$?; printf '%s\\n' \"$said\"; "
          + "case $said in *' does not exist') exit 0;; esac; exit $code";
  // Jobs that have ended are known to accounting alone.
  private static final String FIND =
      "LC_ALL=C; export LC_ALL; said=$(qstat -j \"$1\" 2>&1); code=$?; case $said in"
          + " *' do not exist'*) qacct -j \"$1\" 2>&1 | grep '^jobnumber'; code=0;;"
          + " *) printf '%s\\n' \"$said\";; esac; echo 'muster: end'; exit $code";
  private static final String WHY =
      "LC_ALL=C; export LC_ALL; qstat -j \"$1\" 2>&1; echo 'muster: verification'; "
          + "qalter -w v \"$1\" 2>&1; echo 'muster: end'";
  private static final String VERSION = "qstat >/dev/null && qstat -help | head -n 1";

  @Override
  public String name() {
    return "gridengine";
  }

  @Override
  public Set<String> options() {
    return GridEngineDirectives.OPTIONS;
  }

  @Override
  public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
    Path file = directory.resolve(tag + ".sh");
    Path variables = directory.resolve(tag + Submission.ENVIRONMENT);
    JobScript script = JobScript.of(spec, tag, directory)
        .mark(GridEngineDirectives.MARK)
        .reserved(RESERVED)
        .index("$((SGE_TASK_ID - 1))")
        .ownLogs("$JOB_ID.$SGE_TASK_ID")
        .carriedEnvironment();
    GridEngineDirectives.of(spec, copies, tag).forEach(script::directive);
    List<String> command =
        ShellCommand.of("qsub", SUBMIT, List.of(variables.toString(), file.toString()));
    return new Submission(command, Map.of(file, script.text()), null);
  }

  @Override
  public SubmitOutcome submitted(CommandResult answer, int copies) {
    if (!answer.ok()) {
      String words = answer.words();
      boolean refused = answer.exitCode() != JOB_LIMIT && REFUSED.matcher(words).find();
      return refused && !TRANSIENT.matcher(words).find()
          ? new SubmitOutcome.Rejected(words)
          : new SubmitOutcome.Unclear(answer.describe());
    }
    Matcher said = SUBMITTED.matcher(answer.out());
    return said.find() && said.group(2).equals(Integer.toString(copies))
        ? new SubmitOutcome.Accepted(GridEngineIds.tasks(said.group(1), copies))
        : new SubmitOutcome.Unclear(answer.describe());
  }

  @Override
  public List<StatusSource> statusSources(List<JobArray> arrays) {
    return List.of(
        new StatusSource.Command(ShellCommand.of("qstat", ASK, Names.fewWords(arrays))),
        new StatusSource.Command(
            ShellCommand.of("qacct", ACCOUNTS, Names.words(arrays)), ACCOUNTING));
  }

  @Override
  public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    return ShellCommand.named("qacct", answer)
        ? Accounts.read(answer, asked)
        : QueueAnswer.read(answer, asked);
  }

  @Override
  public List<String> cancelCommand(Set<JobId> jobs) {
    List<String> command = new ArrayList<>(List.of("env", "LC_ALL=C", "qdel"));
    command.addAll(GridEngineIds.ranges(jobs));
    return command;
  }

  /**
   * {@code qdel} fails where there is no such job; this must not, as the watchdog looks at nothing but the exit code.
   */
  @Override
  public List<String> cancelCommand(String tag) {
    return ShellCommand.of("qdel", DELETE, List.of(GridEngineDirectives.jobName(tag)));
  }

  @Override
  public List<String> findCommand(String tag) {
    return ShellCommand.of("find", FIND, List.of(GridEngineDirectives.jobName(tag)));
  }

  @Override
  public SubmitOutcome found(CommandResult answer, int copies) {
    List<String> numbers = FOUND
        .matcher(answer.out())
        .results()
        .map(said -> said.group(1))
        .distinct()
        .toList();
    if (!answer.ok() || !answer.out().endsWith("muster: end\n") || numbers.size() > 1) {
      return new SubmitOutcome.Unclear(answer.describe());
    }
    return numbers.isEmpty()
        ? new SubmitOutcome.Rejected("neither qstat nor qacct knows a job of this name")
        : new SubmitOutcome.Accepted(GridEngineIds.tasks(numbers.get(0), copies));
  }

  /** {@code qdel} fails where one of the jobs has gone already; then it has told the others all the same. */
  @Override
  public boolean cancelled(CommandResult answer) {
    if (answer.ok()) {
      return true;
    }
    List<String> lines = (answer.out() + "\n" + answer.err())
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
    return !lines.isEmpty()
        && lines.stream()
            .allMatch(
                line -> GONE.matcher(line).matches() || DELETED.matcher(line).matches());
  }

  /** Asks the qmaster, unlike {@code qstat -help}. */
  @Override
  public List<String> versionCommand() {
    return List.of("sh", "-c", VERSION);
  }

  @Override
  public List<String> mostCopiesCommand() {
    return List.of("qconf", "-sconf");
  }

  /** 0 means that there is no limit. */
  @Override
  public int mostCopies(CommandResult answer) {
    Matcher tasks = TASKS.matcher(answer.out());
    if (!answer.ok() || !tasks.find()) {
      return DEFAULT_TASKS;
    }
    int most = Integer.parseInt(tasks.group(1));
    return most == 0 ? Integer.MAX_VALUE : most;
  }

  /** Python, for example, ends by itself when {@code h_vmem} gives it no more memory. */
  @Override
  public JobStatus.Ended ended(JobStatus.Ended told, String errorLog) {
    return NO_MEMORY.matcher(errorLog).find()
        ? new JobStatus.Ended(End.OUT_OF_MEMORY, told.exitCode(), told.reason())
        : told;
  }

  @Override
  public List<String> explainCommand(JobId job) {
    return ShellCommand.of("why", WHY, List.of(GridEngineIds.number(job)));
  }

  @Override
  public JobStatus explained(CommandResult answer) {
    return Reasons.read(answer.out());
  }
}
