package dev.muster.batch.spi;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the shell script that a job runs: variables, setup, prologue, the command, epilogue, and a file with the exit
 * code.
 *
 * <p>Everything that comes from outside is quoted, but for the directives, the setup, and the options
 * {@code job_script_prologue} and {@code job_script_epilogue}, which are verbatim. Each line of the setup says on
 * standard error how long it took; one that fails ends the job with {@link #SETUP_FAILED}. The script runs the command
 * as a child, hands {@code SIGTERM} and {@code SIGINT} on to it, and ends with its exit code. The exit code is also
 * written to {@link #exitFile}, whole or not at all, so that the end of a job can be known when the batch system has
 * forgotten it. A job whose files are sent ({@link dev.muster.execution.Staging#TRANSFER}) sees nothing of the submit
 * host: its script begins with the lines of {@link #arrival}, and writes no such file. Not thread-safe.
 *
 * @since 0.1
 */
public final class JobScript {
  /** The options of a job that the script honours. */
  public static final List<String> OPTIONS = List.of("job_script_prologue", "job_script_epilogue");

  /** The variable in which each copy of a job finds its number, from 0. */
  public static final String INDEX_VARIABLE = "MUSTER_JOB_INDEX";

  /** The variable in which the setup and the command find the folder that holds {@link JobSpec#files()}. */
  public static final String FILES_VARIABLE = "MUSTER_FILES";

  /** The exit code of a job whose setup failed. */
  public static final int SETUP_FAILED = 79;

  /** The exit code of a job that cannot get into its folder, or did not get its files. */
  public static final int ARRIVAL_FAILED = 72;

  /** Stands for the id of a job in the name of a log. */
  private static final String ID = "JOB";

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final String MODULES = "type module >/dev/null 2>&1"
      + " || for each in \"${LMOD_PKG:-/usr/share/lmod/lmod}/init/bash\""
      + " \"${MODULESHOME:-/usr/share/modules}/init/bash\""
      + " /etc/profile.d/lmod.sh /etc/profile.d/modules.sh;"
      + " do [ -r \"$each\" ] && . \"$each\" && break; done\nmodule load ";

  private final JobSpec spec;
  private final String tag;
  private final Path directory;
  private final List<String> directives = new ArrayList<>();
  private final List<String> opening = new ArrayList<>();
  private final boolean sent;
  private String index = "0";
  private String mark = "";
  private String reserved = "";
  private String signalled = "";
  private @Nullable String logs;
  private boolean carried;
  private @Nullable List<String> arrival;
  private List<String> departure = List.of();

  private JobScript(JobSpec spec, String tag, Path directory) {
    this.spec = spec;
    this.tag = tag;
    this.directory = directory;
    this.sent = spec.staging() == Staging.TRANSFER;
  }

  /**
   * Returns a script for a job.
   *
   * @param tag the tag of the submission
   * @param directory the folder of the exit-code files
   */
  public static JobScript of(JobSpec spec, String tag, Path directory) {
    return new JobScript(spec, tag, directory);
  }

  /** Returns lines, for a job's setup, that load environment modules, also in a shell that no login began. */
  public static String modules(List<String> names) {
    return MODULES + ShellWords.join(names);
  }

  /** Returns the file into which copy {@code index} of a submission writes its exit code, in decimal. */
  public static Path exitFile(Path directory, String tag, int index) {
    return directory.resolve(tag + "." + index + ".exit");
  }

  /** Adds a line at the top, verbatim, for example {@code #SBATCH --time=60}. */
  public JobScript directive(String line) {
    if (line.contains("\n")) {
      throw new MusterException(
          "job " + spec.name() + ": a directive cannot have several lines: " + line);
    }
    directives.add(line);
    return this;
  }

  /**
   * Sets how lines begin that a batch system takes for directives wherever they are, also within a quoted text. No line
   * of the script begins so then but the directives; {@link #text} refuses verbatim lines that do. Default: the batch
   * system reads directives at the top only.
   */
  public JobScript mark(String mark) {
    this.mark = mark;
    return this;
  }

  /** Adds lines that run before all others, verbatim, for example such that open the logs. Default: none. */
  public JobScript opening(List<String> lines) {
    opening.addAll(lines);
    return this;
  }

  /**
   * Lets the script open the job's logs itself, before all else: {@link JobSpec#outFile} and {@link JobSpec#errFile}.
   * For batch systems that take only some characters in the names of logs, or that bring logs at the end of a job.
   * Default: the batch system opens them.
   *
   * @param job the shell expression that gives the job's id, for example {@code $JOB_ID.$SGE_TASK_ID}
   */
  public JobScript ownLogs(String job) {
    this.logs = job;
    return this;
  }

  /**
   * Lets the script take over the environment that the submission has left in a file, {@link Submission#ENVIRONMENT}. A
   * job that does not see the file says so in its error log and goes on. Default: the batch system hands it over.
   */
  public JobScript carriedEnvironment() {
    this.carried = true;
    return this;
  }

  /**
   * Sets a shell command, verbatim and without single quotes, that runs when the batch system sends {@code SIGTERM},
   * before the command of the job gets it. Default: none.
   */
  public JobScript signalled(String command) {
    if (command.contains("'") || command.contains("\n")) {
      throw new IllegalArgumentException("one line without single quotes, got " + command);
    }
    this.signalled = command + "; ";
    return this;
  }

  /**
   * Sets exit codes that mean something to the batch system, for example that the job is to be started again. The
   * script ends with 1 instead; its exit-code file has what the command ended with. Default: none.
   */
  public JobScript reserved(List<Integer> codes) {
    reserved = codes.stream().map(String::valueOf).collect(Collectors.joining("|"));
    return this;
  }

  /**
   * Sets the shell expression that gives the number of the copy, for example {@code $SLURM_ARRAY_TASK_ID}. Default:
   * {@code 0}.
   */
  public JobScript index(String expression) {
    this.index = expression;
    return this;
  }

  /**
   * Sets lines for a job whose files are sent, verbatim: they change into the folder that has the files, wait for these
   * where that is needed, and end the job with {@link #ARRIVAL_FAILED} if that fails. Other jobs have no use for them.
   */
  public JobScript arrival(List<String> lines) {
    this.arrival = List.copyOf(lines);
    return this;
  }

  /**
   * Sets lines for a job whose files are sent, verbatim, that run when its command and the epilogue have ended: they
   * let come back what it has left ({@link JobSpec#parcels}). Default: none.
   */
  public JobScript departure(List<String> lines) {
    this.departure = List.copyOf(lines);
    return this;
  }

  /**
   * Returns lines, for {@link #arrival}, that ask the machine whether the job can do without a file
   * ({@link JobSpec#unless}). If so, standard error says that it is not sent.
   *
   * @param file one of those that the job may be able to do without
   * @param there lines that run if it can; may be empty
   * @param missing lines that run if it cannot; may be empty
   */
  public static List<String> ask(
      JobSpec spec, Path file, List<String> there, List<String> missing) {
    List<String> lines = new ArrayList<>();
    lines.add("if (");
    lines.add(Objects.requireNonNull(spec.unless().get(file), "the job needs " + file));
    lines.add("); then");
    there.forEach(line -> lines.add("  " + line));
    lines.add("  echo muster: "
        + ShellWords.quote(file.getFileName() + " is not sent: this machine has what it brings")
        + " >&2");
    if (!missing.isEmpty()) {
      lines.add("else");
      missing.forEach(line -> lines.add("  " + line));
    }
    lines.add("fi");
    return lines;
  }

  /**
   * Returns the script's text.
   *
   * @throws IllegalStateException if the job's files are sent and there are no lines for their arrival
   * @throws MusterException if a variable has a name that a shell cannot set
   */
  @CheckReturnValue
  public String text() {
    JobOptions options = JobOptions.of(spec);
    List<String> lines = new ArrayList<>();
    if (!reserved.isEmpty()) {
      lines.add("trap 'case $? in " + reserved + ") exit 1;; esac' EXIT");
    }
    logs(lines);
    environment(lines);
    lines.addAll(opening);
    lines.add("export " + INDEX_VARIABLE + "=\"" + index + "\"");
    for (Map.Entry<String, String> variable : spec.environment().entrySet()) {
      if (!VARIABLE.matcher(variable.getKey()).matches()) {
        throw new MusterException("job " + spec.name() + ": a shell cannot set the variable "
            + variable.getKey() + "; names are letters, digits and _");
      }
      lines.add("export " + variable.getKey() + "=" + quote(variable.getValue()));
    }
    if (sent) {
      arrive(lines);
    } else {
      lines.add("rm -f -- " + file()); // of an earlier start of this job
      lines.add("cd -- " + quote(spec.directory().toString()) + " || exit " + ARRIVAL_FAILED);
      if (!spec.files().isEmpty()) {
        String folder = String.valueOf(spec.files().get(0).getParent());
        lines.add("export " + FILES_VARIABLE + "=" + quote(folder));
      }
    }
    setup(lines);
    lines.addAll(options.lines("job_script_prologue"));
    lines.add(spec.command().stream().map(this::quote).collect(Collectors.joining(" ")) + " &");
    lines.add("muster_job=$!");
    lines.add("trap '" + signalled + "kill -TERM \"$muster_job\" 2>/dev/null' TERM INT");
    lines.add("wait \"$muster_job\"");
    lines.add("muster_code=$?");
    lines.add("while kill -0 \"$muster_job\" 2>/dev/null; do");
    lines.add("  wait \"$muster_job\"");
    lines.add("  muster_code=$?");
    lines.add("done");
    lines.addAll(options.lines("job_script_epilogue"));
    if (sent) {
      lines.addAll(departure);
    } else {
      lines.add(exitFile("\"$muster_code\""));
    }
    if (!reserved.isEmpty()) {
      lines.add("case $muster_code in " + reserved + ") exit 1;; esac");
    }
    lines.add("exit \"$muster_code\"");
    String body = String.join("\n", lines) + "\n";
    checkMark(body);
    List<String> head = new ArrayList<>(List.of("#!/bin/bash"));
    head.addAll(directives);
    return String.join("\n", head) + "\n" + body;
  }

  private void checkMark(String body) {
    if (!mark.isEmpty()) {
      Stream.of(body.split("\n", -1))
          .filter(line -> line.startsWith(mark))
          .findFirst()
          .ifPresent(line -> {
            throw new MusterException(
                "job " + spec.name() + ": a line of " + String.join(", ", OPTIONS)
                    + " or of the environment's setup begins with " + mark
                    + ", which the batch system takes for an option: " + line
                    + "; put a blank before it, or use job_extra_directives");
          });
    }
  }

  /** Returns a word in quotes, of which no line begins with a mark. */
  private String quote(String word) {
    String quoted = ShellWords.quote(word);
    return mark.isEmpty() ? quoted : quoted.replace("\n", "\n''");
  }

  private String file() {
    return quote(directory.resolve(tag).toString()) + ".\"$" + INDEX_VARIABLE + "\".exit";
  }

  private String exitFile(String code) {
    String file = file();
    return "printf '%s\\n' " + code + " >" + file + ".new && mv -f " + file + ".new " + file;
  }

  private void logs(List<String> lines) {
    if (logs != null) {
      lines.add("mkdir -p -- " + folder(spec.outFile("")) + " " + folder(spec.errFile(""))
          + " && exec >" + log(spec.outFile(ID), logs) + " 2>" + log(spec.errFile(ID), logs)
          + " || exit " + ARRIVAL_FAILED);
    }
  }

  private String folder(Path log) {
    return quote(String.valueOf(log.getParent()));
  }

  private String log(Path file, String job) {
    String text = file.toString();
    int at = text.lastIndexOf(ID);
    return quote(text.substring(0, at)) + "\"" + job + "\"" + text.substring(at + ID.length());
  }

  private void environment(List<String> lines) {
    if (carried) {
      String file = quote(directory.resolve(tag + Submission.ENVIRONMENT).toString());
      lines.add("if [ -r " + file + " ]; then");
      lines.add("  . " + file);
      lines.add("else");
      lines.add("  echo muster: the environment of the submit host is not here: " + file + " >&2");
      lines.add("fi");
    }
  }

  private void arrive(List<String> lines) {
    if (arrival == null) {
      throw new IllegalStateException(
          "job " + spec.name() + ": its files are sent, and nothing says where they arrive");
    }
    lines.addAll(arrival);
    lines.add("export " + FILES_VARIABLE + "=\"$PWD\"");
  }

  private void setup(List<String> lines) {
    int steps = spec.setup().size();
    if (steps == 0) {
      return;
    }
    lines.add("muster_step() {"); // NUMBER EXIT-CODE
    lines.add("  local took=$(($(date +%s%N) - muster_began)) how=done");
    lines.add("  [ \"$2\" -eq 0 ] || how=\"failed with exit code $2\"");
    lines.add(
        "  printf 'muster: setup step %s of " + steps
            + ": %s (%s.%03d s)\\n' \"$1\" \"$how\" $((took / 1000000000)) $((took / 1000000 % 1000)) >&2");
    lines.add("  if [ \"$2\" -ne 0 ]; then");
    if (!sent) {
      lines.add("    " + exitFile(Integer.toString(SETUP_FAILED)));
    }
    lines.add("    exit " + SETUP_FAILED);
    lines.add("  fi");
    lines.add("}");
    for (int step = 1; step <= steps; step++) {
      lines.add("muster_began=$(date +%s%N)");
      lines.addAll(spec.setup().get(step - 1).lines().toList());
      lines.add("muster_step " + step + " $?");
    }
  }
}
