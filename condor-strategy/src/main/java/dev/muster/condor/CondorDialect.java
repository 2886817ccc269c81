package dev.muster.condor;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.ShellCommand;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.execution.Staging;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The words of HTCondor. Thread-safe. */
final class CondorDialect implements BatchDialect {
  /** Up to so many jobs are asked for one by one; of more, their clusters. */
  private static final int MOST_IDS = 100;

  private static final String LOG = "cat";
  private static final String QUEUE = "condor_q";
  private static final String HISTORY = "condor_history";

  /** How many job ads the history is searched for, from the newest; the history of a busy queue is long. */
  private static final String MOST_ADS = "50000";

  /** CONSTRAINT: ends jobs; in one line, as another shell reads it by lines. */
  private static final String DELETE =
      "condor_rm -constraint \"$1\" && exit; code=$?; left=$(condor_q -constraint \"$1\" -autoformat"
          + " ClusterId) || exit \"$code\"; [ -z \"$left\" ] || exit \"$code\"";

  private static final Pattern GONE = Pattern.compile(
      "|Couldn't find/remove all jobs matching constraint .*|Job [0-9.]+ (not found|(already )?marked for removal)");

  // HTCondor gives jobs neither; where getenv does, that wins.
  private static final String PATH = "export PATH=\"${PATH:-/usr/local/bin:/usr/bin:/bin}\"";
  private static final String HOME = "[ -n \"${HOME-}\" ] || export HOME=~";

  private static final int MOST_COPIES = 20_000; // HTCondor's default

  @Override
  public String name() {
    return "htcondor";
  }

  @Override
  public Set<String> options() {
    return SubmitDescription.OPTIONS;
  }

  @Override
  public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
    Path script = directory.resolve(tag + ".sh");
    Path description = directory.resolve(tag + ".sub");
    Map<Path, String> files = new LinkedHashMap<>();
    files.put(description, SubmitDescription.of(spec, copies, tag, script));
    files.put(
        script,
        JobScript.of(onMachine(spec), tag, directory)
            .directive(PATH)
            .directive(HOME)
            .index("$" + JobScript.INDEX_VARIABLE)
            .arrival(CondorTransfer.arrival(spec))
            .text());
    // An argument with an equals sign is no file, but a line of the description.
    return description.toString().contains("=")
        ? new Submission(List.of("condor_submit", "-terse", "-"), files, files.get(description))
        : new Submission(List.of("condor_submit", "-terse", description.toString()), files, null);
  }

  /** Returns the job as its script starts it: where HTCondor brings the proxy, it says itself where that is. */
  private static JobSpec onMachine(JobSpec spec) {
    if (spec.staging() != Staging.TRANSFER
        || !spec.environment().containsKey(SubmitDescription.PROXY)) {
      return spec;
    }
    Map<String, String> environment = new LinkedHashMap<>(spec.environment());
    environment.remove(SubmitDescription.PROXY);
    return new JobSpec(
        spec.name(),
        spec.command(),
        environment,
        spec.directory(),
        spec.files(),
        spec.unless(),
        spec.staging(),
        spec.parcels(),
        spec.setup(),
        spec.logs(),
        spec.quantities(),
        spec.config());
  }

  @Override
  public boolean transfers() {
    return true;
  }

  @Override
  public SubmitOutcome submitted(CommandResult answer, int copies) {
    return SubmitAnswer.read(answer, copies);
  }

  @Override
  public List<StatusSource> statusSources(List<JobArray> arrays) {
    List<StatusSource> sources = new ArrayList<>();
    for (JobArray array : arrays) {
      sources.add(new StatusSource.LogFile(JobSpec.logFile(array.logs(), array.tag())));
    }
    List<String> ids = ids(arrays);
    sources.add(command(List.of(QUEUE, "-json", "-attributes", JobAds.ATTRIBUTES), ids));
    sources.add(command(
        List.of(HISTORY, "-json", "-attributes", JobAds.ATTRIBUTES, "-scanlimit", MOST_ADS), ids));
    return sources;
  }

  private static StatusSource command(List<String> words, List<String> ids) {
    List<String> command = new ArrayList<>(words);
    command.addAll(ids);
    return new StatusSource.Command(command);
  }

  private static List<String> ids(List<JobArray> arrays) {
    List<String> ids =
        arrays.stream().flatMap(array -> array.jobs().stream()).map(JobId::id).toList();
    return ids.size() <= MOST_IDS
        ? ids
        : ids.stream().map(id -> id.replaceFirst("\\..*", "")).distinct().toList();
  }

  @Override
  public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    if (answer.command().get(0).equals(LOG)) {
      return new StatusReport.Answered(
          answer.ok() ? UserLog.statuses(answer.out(), asked) : Map.of());
    }
    return JobAds.statuses(answer, asked);
  }

  @Override
  public List<String> cancelCommand(Set<JobId> jobs) {
    List<String> command = new ArrayList<>(List.of("condor_rm"));
    jobs.forEach(job -> command.add(job.id()));
    return command;
  }

  /** {@code condor_rm} fails where there is no such job; this must not, as the watchdog looks at nothing but that. */
  @Override
  public List<String> cancelCommand(String tag) {
    return ShellCommand.of("condor_rm", DELETE, List.of("MusterTag == \"" + tag + "\""));
  }

  @Override
  public List<String> findCommand(String tag) {
    return List.of(
        QUEUE, "-constraint", "MusterTag == \"" + tag + "\"", "-autoformat", "ClusterId");
  }

  /** A job that has ended is in the queue no more. Its log file says the rest. */
  @Override
  public SubmitOutcome found(CommandResult answer, int copies) {
    if (!answer.ok() || !(answer.out().isEmpty() || answer.out().endsWith("\n"))) {
      return new SubmitOutcome.Unclear(answer.describe());
    }
    List<String> clusters = answer
        .out()
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .distinct()
        .toList();
    if (clusters.isEmpty()) {
      return new SubmitOutcome.Rejected("condor_q lists no job of this tag");
    }
    if (clusters.size() > 1 || !clusters.get(0).matches("\\d{1,9}")) {
      return new SubmitOutcome.Unclear(answer.describe());
    }
    return new SubmitOutcome.Accepted(IntStream.range(0, copies)
        .mapToObj(index -> new JobId(clusters.get(0) + "." + index))
        .toList());
  }

  /** Jobs that were gone already make {@code condor_rm} fail, in words that it has for nothing else. */
  @Override
  public boolean cancelled(CommandResult answer) {
    return answer.ok()
        || (answer.exitCode() == 1
            && (answer.out() + '\n' + answer.err())
                .lines()
                .allMatch(line -> GONE.matcher(line.strip()).matches()));
  }

  /** Asks the queue, unlike {@code condor_version}. */
  @Override
  public List<String> versionCommand() {
    return List.of("sh", "-c", "condor_version && condor_q -totals");
  }

  @Override
  public List<String> mostCopiesCommand() {
    return List.of("condor_config_val", "MAX_JOBS_PER_SUBMISSION");
  }

  @Override
  public int mostCopies(CommandResult answer) {
    try {
      return answer.ok() ? Math.max(1, Integer.parseInt(answer.out().strip())) : MOST_COPIES;
    } catch (NumberFormatException e) {
      return MOST_COPIES;
    }
  }

  @Override
  public List<String> explainCommand(JobId job) {
    return List.of(QUEUE, "-better-analyze", job.id());
  }

  @Override
  public JobStatus explained(CommandResult answer) {
    return Analysis.explained(answer);
  }
}
