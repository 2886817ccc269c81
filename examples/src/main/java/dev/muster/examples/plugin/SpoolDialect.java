package dev.muster.examples.plugin;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.error.MusterException;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a queue that is a folder and a few shell scripts: {@code spool-submit}, {@code spool-status},
 * {@code spool-cancel}.
 *
 * <p>Option: {@code queue}, by default {@code day}. Immutable and thread-safe.
 */
final class SpoolDialect implements BatchDialect {
  private static final int REFUSED = 1;
  private static final Pattern ID = Pattern.compile("\\d{1,9}\\.\\d{1,9}");
  private static final Pattern STATE = Pattern.compile("(\\d{1,9}\\.\\d{1,9}) (\\S.*)");
  private static final Pattern ENDED = Pattern.compile("ended (\\d{1,3})");

  @Override
  public String name() {
    return "spool";
  }

  @Override
  public Set<String> options() {
    return Set.of("queue");
  }

  @Override
  public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
    Quantities asked = spec.quantities();
    boolean several = asked.parallel() || (asked.cpus() != null && asked.cpus() > 1);
    if (several || asked.gpus() != null || asked.memory() != null) {
      throw new MusterException("pool " + spec.name()
          + ": a spool queue has one cpu for each job and counts nothing else");
    }
    String queue = JobOptions.of(spec).text("queue");
    Path script = directory.resolve(tag + ".sh");
    return new Submission(
        List.of(
            "spool-submit",
            tag,
            Integer.toString(copies),
            queue == null ? "day" : queue,
            spec.outFile("%j").toString(),
            spec.errFile("%j").toString(),
            script.toString()),
        Map.of(script, JobScript.of(spec, tag, directory).index("$SPOOL_INDEX").text()),
        null);
  }

  @Override
  public SubmitOutcome submitted(CommandResult answer, int copies) {
    if (answer.exitCode() == REFUSED) {
      return new SubmitOutcome.Rejected(answer.words());
    }
    List<JobId> jobs = answer
        .out()
        .lines()
        .filter(line -> ID.matcher(line).matches())
        .map(JobId::new)
        .toList();
    return answer.ok() && jobs.size() == copies
        ? new SubmitOutcome.Accepted(jobs)
        : new SubmitOutcome.Unclear(answer.describe());
  }

  @Override
  public List<StatusSource> statusSources(List<JobArray> arrays) {
    List<JobId> jobs = arrays.stream().flatMap(array -> array.jobs().stream()).toList();
    return List.of(new StatusSource.Command(command("spool-status", jobs)));
  }

  @Override
  public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    if (!answer.ok()) {
      return new StatusReport.Unavailable(answer.describe());
    }
    Map<JobId, JobStatus> statuses = new HashMap<>();
    // A line that is cut off may say something else than it meant to.
    String whole = answer.out().substring(0, answer.out().lastIndexOf('\n') + 1);
    for (String line : whole.lines().toList()) {
      Matcher state = STATE.matcher(line);
      if (!state.matches()) {
        return new StatusReport.Unavailable("spool-status said what nobody can read: " + line);
      }
      statuses.put(new JobId(state.group(1)), status(state.group(2)));
    }
    statuses.keySet().retainAll(asked);
    return new StatusReport.Answered(statuses);
  }

  private static JobStatus status(String said) {
    Matcher ended = ENDED.matcher(said);
    if (ended.matches()) {
      int code = Integer.parseInt(ended.group(1));
      return new JobStatus.Ended(code == 0 ? End.SUCCEEDED : End.FAILED, code, null);
    }
    return switch (said) {
      case "running" -> new JobStatus.Running("localhost");
      case "waiting" -> new JobStatus.Pending(null);
      case "cancelled" -> new JobStatus.Ended(End.CANCELLED, null, null);
      case "lost" -> new JobStatus.Ended(End.LOST, null, "its process is gone");
      default ->
        said.startsWith("waiting ") ? new JobStatus.Pending(said) : new JobStatus.Unknown(said);
    };
  }

  @Override
  public List<String> cancelCommand(Set<JobId> jobs) {
    return command("spool-cancel", List.copyOf(jobs));
  }

  @Override
  public List<String> cancelCommand(String tag) {
    return List.of("spool-cancel", "-t", tag);
  }

  @Override
  public List<String> versionCommand() {
    return List.of("spool-status");
  }

  private static List<String> command(String program, List<JobId> jobs) {
    List<String> command = new ArrayList<>(List.of(program));
    jobs.forEach(job -> command.add(job.id()));
    return command;
  }
}
