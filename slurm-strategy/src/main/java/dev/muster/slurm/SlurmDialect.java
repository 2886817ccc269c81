package dev.muster.slurm;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.execution.Staging;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of Slurm. Thread-safe.
 *
 * <p>Commands run by way of {@code env -u}, without those variables of the user's shell that would make them mean
 * something else: for example {@code SBATCH_PARTITION} wins over a script, and {@code SQUEUE_PARTITION} hides jobs.
 */
final class SlurmDialect implements BatchDialect {
  private static final int KILLED = 137;
  private static final int DEFAULT_ARRAY_SIZE = 1001;
  private static final Pattern ARRAY_SIZE = Pattern.compile("(?m)^MaxArraySize\\s*=\\s*(\\d+)");
  private static final Pattern MEMORY = Pattern.compile(
      "(?im)^slurmstepd.*(exceeded (job |step )?memory limit|oom.?kill|out.of.memory)");
  static final List<String> SQUEUE_FILTERS = List.of(
      "SQUEUE_ACCOUNT",
      "SQUEUE_FORMAT",
      "SQUEUE_FORMAT2",
      "SQUEUE_LICENSES",
      "SQUEUE_NAMES",
      "SQUEUE_PARTITION",
      "SQUEUE_QOS",
      "SQUEUE_STATES",
      "SQUEUE_USERS");
  private static final List<String> SCANCEL_FILTERS = List.of(
      "SCANCEL_ACCOUNT",
      "SCANCEL_BATCH",
      "SCANCEL_CTLD",
      "SCANCEL_HURRY",
      "SCANCEL_INTERACTIVE",
      "SCANCEL_NAME",
      "SCANCEL_PARTITION",
      "SCANCEL_QOS",
      "SCANCEL_STATE",
      "SCANCEL_USER",
      "SCANCEL_WCKEY");

  /** The longest list on a command line; Linux takes 128 kB in one argument. */
  private static final int LONGEST_LIST = 64_000;

  @Override
  public String name() {
    return "slurm";
  }

  @Override
  public Set<String> options() {
    return SlurmDirectives.OPTIONS;
  }

  @Override
  public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
    SlurmDirectives directives = SlurmDirectives.of(spec, copies, tag);
    JobScript script = JobScript.of(spec, tag, directory).index("$SLURM_ARRAY_TASK_ID");
    directives.lines().forEach(script::directive);
    if (spec.staging() == Staging.TRANSFER) {
      script.arrival(SlurmTransfer.arrival(spec, tag));
      script.departure(SlurmReturn.departure(spec));
    }
    Path file = directory.resolve(tag + ".sh");
    List<String> command =
        without(directives.overruling(), List.of("sbatch", "--parsable", file.toString()));
    return new Submission(command, Map.of(file, script.text()), null);
  }

  @Override
  public boolean transfers() {
    return true;
  }

  @Override
  public List<List<String>> sendCommands(JobSpec spec, JobId job, String tag) {
    return SlurmTransfer.sendCommands(spec, job, tag);
  }

  @Override
  public List<String> leavingCommand(Set<JobId> jobs) {
    return comments(jobs, SlurmReturn.FORMAT);
  }

  @Override
  public Set<JobId> leaving(CommandResult answer) {
    return SlurmReturn.leaving(answer);
  }

  @Override
  public List<List<String>> fetchCommands(JobSpec spec, JobId job, String tag) {
    return SlurmReturn.fetchCommands(spec, job, tag);
  }

  @Override
  public SubmitOutcome submitted(CommandResult answer, int copies) {
    return SlurmAnswers.submitted(answer, copies);
  }

  /**
   * Asks by id and by name: after a crash of the controller that lost its newest state, ids are given away anew. Lists
   * that are too long for a command line are left out; then the answer has more than was asked for.
   */
  @Override
  public List<StatusSource> statusSources(List<JobArray> arrays) {
    List<String> ids = List.copyOf(
        SlurmIds.arrays(arrays.stream().flatMap(array -> array.jobs().stream()).toList()));
    List<String> tags = arrays.stream().map(JobArray::tag).toList();
    List<String> squeue = new ArrayList<>(
        List.of("squeue", "--me", "--all", "--noheader", "--array", "--states=all"));
    addList(squeue, "--jobs=", ids);
    addList(squeue, "--name=", tags);
    squeue.add("--Format=" + SlurmAnswers.SQUEUE_FORMAT);
    // What squeue has forgotten, the database may know.
    List<String> sacct =
        new ArrayList<>(List.of("sacct", "--noheader", "--parsable", "--allocations"));
    if (!addList(sacct, "--jobs=", ids)) {
      sacct.add("--starttime=now-30days");
    }
    addList(sacct, "--name=", tags);
    sacct.add("--format=" + SlurmAnswers.SACCT_FORMAT);
    return List.of(
        new StatusSource.Command(without(SQUEUE_FILTERS, squeue)),
        new StatusSource.Command(without(List.of("SACCT_FORMAT"), sacct)));
  }

  private static boolean addList(List<String> command, String option, List<String> values) {
    String list = String.join(",", values);
    return list.length() <= LONGEST_LIST && command.add(option + list);
  }

  @Override
  public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    return answer.command().contains("sacct")
        ? SlurmAnswers.sacct(answer, asked)
        : SlurmAnswers.squeue(answer, asked);
  }

  @Override
  public List<String> logTailsCommand(Set<JobId> jobs) {
    return comments(jobs, SlurmAnswers.COMMENT_FORMAT);
  }

  private static List<String> comments(Set<JobId> jobs, String format) {
    List<String> squeue = new ArrayList<>(
        List.of("squeue", "--me", "--all", "--noheader", "--array", "--states=all"));
    // Of a range, squeue tells the first job alone.
    addList(squeue, "--jobs=", List.copyOf(SlurmIds.arrays(jobs)));
    squeue.add("--Format=" + format);
    return without(SQUEUE_FILTERS, squeue);
  }

  @Override
  public Map<JobId, String> logTails(CommandResult answer) {
    return SlurmAnswers.comments(answer);
  }

  @Override
  public List<String> cancelCommand(Set<JobId> jobs) {
    List<String> command = new ArrayList<>(List.of("scancel"));
    command.addAll(SlurmIds.ranges(jobs));
    return without(SCANCEL_FILTERS, command);
  }

  @Override
  public List<String> cancelCommand(String tag) {
    return without(SCANCEL_FILTERS, List.of("scancel", "--name=" + tag));
  }

  @Override
  public List<String> findCommand(String tag) {
    return without(
        SQUEUE_FILTERS,
        List.of(
            "squeue",
            "--me",
            "--all",
            "--noheader",
            "--array",
            "--states=all",
            "--name=" + tag,
            "--Format=" + SlurmAnswers.FOUND_FORMAT));
  }

  @Override
  public SubmitOutcome found(CommandResult answer, int copies) {
    return SlurmAnswers.found(answer, copies);
  }

  /**
   * What uses more memory than it asked for fails like any other job where there are no cgroups; slurmstepd says so in
   * the job's error log.
   */
  @Override
  public JobStatus.Ended ended(JobStatus.Ended told, String errorLog) {
    boolean killed = Integer.valueOf(KILLED).equals(told.exitCode());
    return killed && MEMORY.matcher(errorLog).find()
        ? new JobStatus.Ended(JobStatus.End.OUT_OF_MEMORY, told.exitCode(), told.reason())
        : told;
  }

  /** Asks the controller, unlike {@code sinfo --version}. */
  @Override
  public List<String> versionCommand() {
    return List.of("sinfo", "--noheader", "--format=%v");
  }

  @Override
  public List<String> mostCopiesCommand() {
    return List.of("scontrol", "show", "config");
  }

  /** An index must be less than MaxArraySize. 0 means that there are no arrays: then each job is submitted alone. */
  @Override
  public int mostCopies(CommandResult answer) {
    Matcher matcher = ARRAY_SIZE.matcher(answer.out());
    try {
      return matcher.find() ? Math.max(1, Integer.parseInt(matcher.group(1))) : DEFAULT_ARRAY_SIZE;
    } catch (NumberFormatException e) {
      return DEFAULT_ARRAY_SIZE;
    }
  }

  static List<String> without(List<String> variables, List<String> command) {
    List<String> all = new ArrayList<>(List.of("env"));
    variables.forEach(variable -> all.addAll(List.of("-u", variable)));
    all.addAll(command);
    return all;
  }
}
