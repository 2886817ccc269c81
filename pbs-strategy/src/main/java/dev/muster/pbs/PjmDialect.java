package dev.muster.pbs;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.ShellCommand;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of PJM, the job manager of Fujitsu's Technical Computing Suite. Thread-safe.
 *
 * <p>Source: the user guide of Fugaku, sections 5.4, 5.9, 5.12 and 5.16.
 */
final class PjmDialect implements BatchDialect {
  /** A job may be in neither list for a moment. */
  private static final Duration LATE = Duration.ofSeconds(30);

  private static final List<String> OWN_VARIABLES = List.of(
      "PJM_JOBID",
      "PJM_SUBJOBID",
      "PJM_BULKNUM",
      "PJM_STEPNUM",
      "PJM_JOBNAME",
      "PJM_JOBDIR",
      "PJM_O_WORKDIR",
      "PJM_O_NODEINF",
      "PJM_NODE",
      "PJM_VNODE",
      "PJM_VNODE_CORE",
      "PJM_MPI_PROC",
      "PJM_ENVIRONMENT",
      "TMPDIR",
      CopyLoop.VARIABLE);

  private static final String ENGLISH = "LC_ALL=C; export LC_ALL\n";

  /**
   * ENVIRONMENT SCRIPT COPIES BULK: submits, and leaves the environment in a file. What PJM writes at the end of a job it
   * writes into the folder from which it was submitted. Where bulk jobs are not allowed (PJM 0070), copies are single
   * ones.
   */
  private static final String SUBMIT = Submission.keepEnvironment(OWN_VARIABLES) + " || exit\n"
      + ENGLISH + """
      script=$2 copies=$3 bulk=$4
      cd "${script%/*}" || exit
      [ "$copies" != 1 ] || exec pjsub -z jid "$script"
      if [ "$bulk" = true ]; then
        said=$(pjsub -z jid --bulk --sparam "0-$((copies - 1))" "$script" 2>&1)
        code=$?
        case $said in
          *'PJM 0070'*) ;;
          *)
            [ "$code" != 0 ] || exec printf '%s\\n' "$said"
            printf '%s\\n' "$said" >&2
            exit "$code"
            ;;
        esac
      fi
      set -- -z jid
      """ + CopyLoop.lines("pjsub", "-x", "pjdel");

  /** NAMES OPTION IDS: asks one of the two lists. The names are for who reads the answer. */
  private static final String ASK = ENGLISH + "shift; pjstat -E --data --choose="
      + PjmAnswers.FIELDS + " \"$@\"; echo \"muster: end $?\"";

  /** NAME TAG: ends the jobs with this name; in one line, as another shell reads it by lines. */
  private static final String DELETE =
      "LC_ALL=C; export LC_ALL; all=$(pjstat --data --choose=jid,jnam) || exit; "
          + "ids=$(printf '%s\\n' \"$all\""
          + " | awk -F, -v name=\"$1\" '$1 == \"\" && $3 == name { print $2 }'); "
          + "[ -n \"$ids\" ] || exit 0; said=$(pjdel $ids 2>&1); code=$?; printf '%s\\n' \"$said\"; "
          + "left=$(printf '%s\\n' \"$said\" | grep -F '[ERR.]'"
          + " | grep -v -i -e 'does not exist' -e 'already'); "
          + "[ -z \"$left\" ] || exit \"$((code ? code : 1))\"";

  /** NAME TAG: the jobs with this name in both lists, a bulk job as a whole. */
  private static final String FIND = ENGLISH + """
      for list in '' -H; do
        said=$(pjstat $list --data --choose=jid,jmdl,jnam) || exit
        printf '%s\\n' "$said" | awk -F, -v name="$1" '$1 == "" && $4 == name { print $2 " " $3 }'
      done
      echo 'muster: end'
      """;

  private static final String VERSION =
      ENGLISH + "pjstat --data --choose=jid >/dev/null && echo 'PJM answers'";

  private static final Pattern ID = Pattern.compile("\\d{1,18}(_\\d{1,9})?");
  private static final Pattern FOUND = Pattern.compile("(\\d{1,18}) ([A-Z]{2})");
  private static final Pattern SUBMITTED = Pattern.compile("pjsub Job (\\S+) submitted");
  private static final Pattern ERROR = Pattern.compile("(?m)^\\[ERR\\.\\].*");
  private static final Pattern FULL = Pattern.compile(
      "ru-accept|accept.* limit|number of (submitted |accepted )?jobs", Pattern.CASE_INSENSITIVE);
  private static final Pattern TRANSIENT = Pattern.compile(
      "try again|retry|time(d )?.?out|busy|connect|communicat|not (running|ready|available now)",
      Pattern.CASE_INSENSITIVE);

  @Override
  public String name() {
    return "pjsub";
  }

  @Override
  public Set<String> options() {
    return PjmDirectives.OPTIONS;
  }

  @Override
  public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
    JobScript script = JobScript.of(spec, tag, directory)
        .mark(PjmDirectives.MARK)
        .index("${PJM_BULKNUM:-${" + CopyLoop.VARIABLE + ":-0}}")
        .ownLogs("${PJM_JOBID%%[[]*}${PJM_BULKNUM:+[$PJM_BULKNUM]}")
        .carriedEnvironment();
    Integer cpus = spec.quantities().cpusPerNode();
    if (cpus != null) {
      // A node is asked for as a whole, whatever it has.
      script.opening(List.of("[ \"$(nproc)\" -ge " + cpus + " ] || { echo \"muster: $(hostname) has"
          + " $(nproc) cpus, and " + cpus + " are asked for\" >&2; exit "
          + JobScript.ARRIVAL_FAILED + "; }"));
    }
    PjmDirectives.of(spec, tag).forEach(script::directive);
    Path file = directory.resolve(tag + ".sh");
    List<String> arguments = List.of(
        directory.resolve(tag + Submission.ENVIRONMENT).toString(),
        file.toString(),
        Integer.toString(copies),
        Boolean.toString(PjmDirectives.bulk(spec)));
    return new Submission(
        ShellCommand.of("pjsub", SUBMIT, arguments), Map.of(file, script.text()), null);
  }

  @Override
  public SubmitOutcome submitted(CommandResult answer, int copies) {
    boolean refused = ERROR.matcher(answer.out() + "\n" + answer.err()).find();
    if (refused || !answer.ok()) {
      String words = answer.words();
      if (!refused || !ids(answer).isEmpty() || TRANSIENT.matcher(words).find()) {
        return new SubmitOutcome.Unclear(answer.describe());
      }
      return FULL.matcher(words).find()
          ? new SubmitOutcome.Full(words)
          : new SubmitOutcome.Rejected(words);
    }
    List<String> ids = ids(answer);
    List<JobId> jobs = new ArrayList<>();
    if (ids.size() == 1 && copies > 1) {
      for (int index = 0; index < copies; index++) {
        jobs.add(new JobId(ids.get(0) + "[" + index + "]"));
      }
    } else {
      ids.forEach(id -> jobs.add(new JobId(id)));
    }
    return jobs.size() == copies
        ? new SubmitOutcome.Accepted(jobs)
        : new SubmitOutcome.Unclear(answer.describe());
  }

  private static List<String> ids(CommandResult answer) {
    List<String> ids = new ArrayList<>();
    answer.out().lines().map(String::strip).forEach(line -> {
      Matcher said = SUBMITTED.matcher(line);
      String id = said.find() ? said.group(1) : line;
      if (ID.matcher(id).matches()) {
        ids.add(id);
      }
    });
    return ids;
  }

  @Override
  public List<StatusSource> statusSources(List<JobArray> arrays) {
    Set<String> ids = new LinkedHashSet<>();
    arrays.forEach(array -> array.jobs().forEach(job -> ids.add(whole(job))));
    String names = PbsNames.words(arrays);
    List<String> open = new ArrayList<>(List.of(names));
    open.addAll(ids);
    List<String> ended = new ArrayList<>(List.of(names, "-H"));
    ended.addAll(ids);
    return List.of(
        new StatusSource.Command(ShellCommand.of("pjstat", ASK, open)),
        new StatusSource.Command(ShellCommand.of("pjstat", ASK, ended), LATE));
  }

  /** Returns the bulk job that a job is a part of, or the job itself. */
  private static String whole(JobId job) {
    int bracket = job.id().indexOf('[');
    return bracket < 0 ? job.id() : job.id().substring(0, bracket);
  }

  @Override
  public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    return PjmAnswers.read(answer, asked);
  }

  @Override
  public List<String> cancelCommand(Set<JobId> jobs) {
    List<String> command = new ArrayList<>(List.of("env", "LC_ALL=C", "pjdel"));
    jobs.stream().map(JobId::id).sorted().forEach(command::add);
    return command;
  }

  @Override
  public List<String> cancelCommand(String tag) {
    return ShellCommand.of("pjdel", DELETE, List.of(JobNames.of(tag), tag));
  }

  @Override
  public List<String> findCommand(String tag) {
    return ShellCommand.of("find", FIND, List.of(JobNames.of(tag), tag));
  }

  @Override
  public SubmitOutcome found(CommandResult answer, int copies) {
    List<String> lines = answer.out().lines().map(String::strip).distinct().toList();
    int last = lines.size() - 1;
    if (!answer.ok() || last < 0 || !answer.out().endsWith("muster: end\n")) {
      return new SubmitOutcome.Unclear(answer.describe());
    }
    if (last == 0) {
      return new SubmitOutcome.Rejected("PJM knows no job of this name");
    }
    List<JobId> jobs = new ArrayList<>();
    for (String line : lines.subList(0, last)) {
      Matcher job = FOUND.matcher(line);
      if (!job.matches()) {
        return new SubmitOutcome.Unclear(answer.describe());
      }
      boolean bulk = job.group(2).equals("BU");
      for (int index = 0; index < (bulk ? copies : 1); index++) {
        jobs.add(new JobId(job.group(1) + (bulk ? "[" + index + "]" : "")));
      }
    }
    jobs.sort(Comparator.comparingInt((JobId job) -> job.id().length()).thenComparing(JobId::id));
    return jobs.size() == copies
        ? new SubmitOutcome.Accepted(jobs)
        : new SubmitOutcome.Unclear("of its " + copies + " jobs these are left: " + jobs, false);
  }

  /** {@code pjdel} fails where a job has gone already; then it has told the others all the same. */
  @Override
  public boolean cancelled(CommandResult answer) {
    List<String> errors = (answer.out() + "\n" + answer.err())
        .lines()
        .filter(line -> line.startsWith("[ERR.]"))
        .toList();
    return errors.isEmpty() ? answer.ok() : errors.stream().allMatch(PjmAnswers::notThere);
  }

  @Override
  public List<String> versionCommand() {
    return ShellCommand.of("version", VERSION, List.of());
  }
}
