package dev.muster.batch.internal.local;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.code.ShellWords;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The words for processes of this host that outlive the JVM that started them. Each job is a session of processes. A
 * file of its says which: its process, when that began, and on which host and since which start of it. Copy {@code i}
 * of a submission is the job {@code TAG.i}. Thread-safe.
 */
final class DetachedDialect implements BatchDialect {
  private static final String MARK = "muster: end";

  // What tells a process from a later one with its number: when it began, and the start of the
  // host.
  private static final String BEGAN =
      "began() { sed 's/.*) //' \"/proc/$1/stat\" 2>/dev/null | cut -d ' ' -f 20;"
          + " cat /proc/sys/kernel/random/boot_id; }; ";

  private static final String SUBMIT =
      "command -v setsid >/dev/null || exit 127; n=0; while [ $n -lt \"$2\" ]; do"
          + " MUSTER_COPY=$n setsid bash \"$1\" </dev/null >/dev/null 2>&1 & n=$((n + 1)); done";

  // Reads the file of a job, and says whether its process is there.
  private static final String READ = BEGAN
      + "state() { { read -r pid && read -r host && start=$(cat); } <\"$1\";"
      + " if [ \"$host\" != \"$(uname -n)\" ]; then state=\"elsewhere $host\";"
      + " elif [ \"$(began \"$pid\")\" = \"$start\" ]; then state=runs; else state=ended; fi; }; ";
  private static final String ASK = READ
      + "cd \"$1\" || exit 1; shift; for tag; do for file in \"$tag\".*.process; do"
      + " if [ -e \"$file\" ]; then state \"$file\"; echo \"${file%.process} $state\"; fi;"
      + " done; done; echo '" + MARK + "'";
  private static final String END = READ
      + "cd \"$1\" || exit 1; shift; signal() { s=$1; shift; for job; do"
      + " for file in $job.process; do if [ -e \"$file\" ]; then state \"$file\";"
      + " if [ \"$state\" = runs ]; then kill -s \"$s\" -- \"-$pid\"; fi; fi; done; done; true; };"
      + " signal TERM \"$@\"; (sleep 10; signal KILL \"$@\") </dev/null >/dev/null 2>&1 &";
  private static final Pattern OVERTIME =
      Pattern.compile("(?m)^timeout: sending signal TERM to command");
  private static final Pattern LINE =
      Pattern.compile("(\\S+\\.\\d{1,9}) (runs|ended|elsewhere .*)");

  private final Path folder;

  /**
   * @param folder the folder for scripts and for files that say which processes jobs are
   */
  DetachedDialect(Path folder) {
    this.folder = folder;
  }

  @Override
  public String name() {
    return "local";
  }

  @Override
  public Set<String> options() {
    return Set.of("walltime");
  }

  private List<String> shell(String script, String name, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "muster-" + name));
    command.addAll(arguments);
    return command;
  }

  @Override
  public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
    spec.requireOneNode("strategy local starts jobs on this host alone");
    Path script = directory.resolve(tag + ".sh");
    Duration walltime = LocalStrategy.walltime(JobOptions.of(spec));
    JobSpec job = spec;
    if (walltime != null) {
      List<String> limited = new ArrayList<>(List.of(
          "timeout",
          "-v",
          "--foreground",
          "-k",
          "10",
          Long.toString(Math.max(1, walltime.toSeconds()))));
      limited.addAll(spec.command());
      job = spec.toBuilder().command(limited).build();
    }
    JobScript text =
        JobScript.of(job, tag, directory).index("$MUSTER_COPY").opening(opening(spec, tag));
    return new Submission(
        shell(SUBMIT, "submit", List.of(script.toString(), Integer.toString(copies))),
        Map.of(script, text.text()),
        null);
  }

  private List<String> opening(JobSpec spec, String tag) {
    String file = ShellWords.quote(folder.resolve(tag).toString()) + ".\"$MUSTER_COPY\".process";
    String id = tag + ".COPY";
    return List.of(
        BEGAN.strip(),
        "{ echo $$ && uname -n && began $$; } >" + file + ".new && mv -f " + file + ".new " + file
            + " || exit " + JobScript.ARRIVAL_FAILED,
        "mkdir -p -- " + ShellWords.quote(parent(spec.outFile(id))) + " "
            + ShellWords.quote(parent(spec.errFile(id))) + " && exec >" + log(spec.outFile(id))
            + " 2>" + log(spec.errFile(id)) + " || exit " + JobScript.ARRIVAL_FAILED);
  }

  private static String parent(Path file) {
    return Objects.requireNonNull(file.getParent()).toString();
  }

  private static String log(Path file) {
    String text = file.toString();
    int at = text.lastIndexOf("COPY");
    return ShellWords.quote(text.substring(0, at)) + "\"$MUSTER_COPY\""
        + ShellWords.quote(text.substring(at + 4));
  }

  private static List<JobId> ids(String tag, int copies) {
    return IntStream.range(0, copies)
        .mapToObj(copy -> new JobId(tag + "." + copy))
        .toList();
  }

  @Override
  public SubmitOutcome submitted(CommandResult answer, int copies) {
    if (!answer.ok()) {
      return new SubmitOutcome.Rejected(
          answer.exitCode() == 127
              ? "jobs that go on without this process (orphans: keep) need the program setsid"
              : answer.describe());
    }
    String script = answer.command().get(answer.command().size() - 2);
    String name = script.substring(script.lastIndexOf('/') + 1);
    return name.endsWith(".sh")
        ? new SubmitOutcome.Accepted(ids(name.substring(0, name.length() - 3), copies))
        : new SubmitOutcome.Unclear(answer.describe());
  }

  @Override
  public List<StatusSource> statusSources(List<JobArray> arrays) {
    List<String> arguments = new ArrayList<>(List.of(folder.toString()));
    arrays.forEach(array -> arguments.add(array.tag()));
    return List.of(new StatusSource.Command(shell(ASK, "ask", arguments)));
  }

  @Override
  public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    if (!answer.ok() || !answer.out().endsWith(MARK + "\n")) {
      return new StatusReport.Unavailable(answer.describe());
    }
    Map<JobId, JobStatus> found = new HashMap<>();
    for (String line : answer.out().lines().toList()) {
      Matcher job = LINE.matcher(line);
      JobId id = job.matches() ? new JobId(job.group(1)) : null;
      if (id == null || !asked.contains(id)) {
        continue;
      }
      if (job.group(2).startsWith("elsewhere")) {
        return new StatusReport.Unavailable(elsewhere(id, job.group(2)));
      }
      if (job.group(2).equals("runs")) {
        found.put(id, new JobStatus.Running("localhost"));
      }
    }
    return new StatusReport.Answered(found);
  }

  private static String elsewhere(JobId id, String state) {
    return "job " + id + " is a process of the host " + state.replaceFirst("elsewhere ", "")
        + ", and can be asked for there";
  }

  @Override
  public List<String> findCommand(String tag) {
    return shell(ASK, "find", List.of(folder.toString(), tag));
  }

  @Override
  public SubmitOutcome found(CommandResult answer, int copies) {
    List<String> lines = answer.out().lines().toList();
    String tag = answer.command().get(answer.command().size() - 1);
    if (!answer.ok() || !answer.out().endsWith(MARK + "\n")) {
      return new SubmitOutcome.Unclear(answer.describe());
    }
    for (String line : lines.subList(0, lines.size() - 1)) {
      Matcher job = LINE.matcher(line);
      if (!job.matches() || !job.group(1).startsWith(tag + ".")) {
        return new SubmitOutcome.Unclear(answer.describe());
      }
      if (job.group(2).startsWith("elsewhere")) {
        return new SubmitOutcome.Unclear(elsewhere(new JobId(job.group(1)), job.group(2)));
      }
    }
    return lines.size() == 1
        ? new SubmitOutcome.Rejected("no process of this tag was started")
        : new SubmitOutcome.Accepted(ids(tag, copies));
  }

  @Override
  public List<String> cancelCommand(Set<JobId> jobs) {
    List<String> arguments = new ArrayList<>(List.of(folder.toString()));
    jobs.stream().map(JobId::id).sorted().forEach(arguments::add);
    return shell(END, "end", arguments);
  }

  @Override
  public List<String> cancelCommand(String tag) {
    return shell(END, "end", List.of(folder.toString(), tag + ".*"));
  }

  @Override
  public List<String> versionCommand() {
    return List.of("sh", "-c", "command -v setsid");
  }

  @Override
  public JobStatus.Ended ended(JobStatus.Ended told, String errorLog) {
    return OVERTIME.matcher(errorLog).find()
        ? new JobStatus.Ended(JobStatus.End.WALLTIME, told.exitCode(), "walltime is over")
        : told;
  }
}
