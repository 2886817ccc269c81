package dev.muster.slurm;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.ShellCommand;
import dev.muster.code.ShellWords;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How files reach a job that sees no folder of the submit host, and how the end of its error log comes back.
 *
 * <p>Slurm brings the script itself. The script makes a folder on the node, {@code sbcast} puts the files there, from
 * the submit host and by way of slurmd, an empty file comes last, and the script removes the folder at its end. Where
 * the node may have what a file brings ({@link JobSpec#unless}), the script makes one of two folders, for yes or for
 * no. An empty file that arrives there is the answer; until one does, the job is not ready, and the send is tried
 * again. A job that fails puts the end of its error log into its comment.
 */
final class SlurmTransfer {
  /** The option that names the folder on nodes in which jobs make theirs. */
  static final String SCRATCH = "scratch";

  /** How much of an error log a comment takes, in characters; Slurm takes 1,024. */
  static final int TAIL = 1000;

  static final String FILES = "files";
  private static final String SENT = "sent";
  private static final String HAS = "has-";
  private static final String NEEDS = "needs-";

  /**
   * Sets {@code job} to the number of the job that is the first argument. By the id that a job of an array has for
   * others, {@code sbcast} finds it only until the last of the array has ended, and {@code srun} does not at all.
   */
  static final String NUMBER =
      "unset SBCAST_SEND_LIBS " + String.join(" ", SlurmDialect.SQUEUE_FILTERS) + """

      job=$(squeue --all --noheader --jobs="$1" --Format=JobID:24 | tr -d ' ')
      [ -n "$job" ] || { echo "Slurm does not say which number job $1 has: it may be over" >&2; exit 1; }
      """;

  /** Sends a file. JOB FROM TO. */
  private static final String SEND = NUMBER + """
      exec sbcast --jobid="$job" --preserve "$2" "$3"
      """;

  /**
   * Sends a file if an empty one reaches the job's folder for no, and does nothing if it reaches the one for yes; fails
   * if it reaches neither. Each question has a name of its own, since nothing is overwritten. JOB HAS NEEDS FROM TO.
   */
  private static final String SEND_UNLESS = NUMBER + """
      asked=$(date +%s%N)-$$
      sbcast --jobid="$job" --preserve /dev/null "$2/$asked" 2>/dev/null && exit
      sbcast --jobid="$job" --preserve /dev/null "$3/$asked" || exit
      exec sbcast --jobid="$job" --preserve "$4" "$5"
      """;

  private SlurmTransfer() {}

  /**
   * Returns the folder in which jobs make theirs: {@link #SCRATCH}, {@code /tmp} by default.
   *
   * @throws dev.muster.error.MusterException if it is not an absolute path
   */
  private static String scratch(JobSpec spec) {
    JobOptions options = JobOptions.of(spec);
    String scratch = options.text(SCRATCH);
    if (scratch == null) {
      return "/tmp";
    }
    if (!scratch.startsWith("/") || scratch.endsWith("/")) {
      throw options.wrong(SCRATCH, "an absolute path on the nodes, without a slash at its end");
    }
    return scratch;
  }

  /**
   * Checks the options, also of a job that has no use for them.
   *
   * @throws dev.muster.error.MusterException if one cannot be honoured
   */
  static void check(JobSpec spec) {
    String unused = scratch(spec);
    Duration unusedLimit = JobOptions.of(spec).transferLimit();
  }

  /** Returns the folder of a job, but for the job's id. */
  static String place(JobSpec spec, String tag) {
    return scratch(spec) + "/muster-" + tag + "-";
  }

  /**
   * Returns the lines that make the job's folder, see to its end, and wait until the files are there.
   *
   * <p>A folder that is there already is taken away if it belongs to the user: it is of a job that was put back into
   * the queue. What other users may have made there is refused.
   */
  static List<String> arrival(JobSpec spec, String tag) {
    String id = "$SLURM_ARRAY_JOB_ID\"_\"$SLURM_ARRAY_TASK_ID";
    List<String> lines = new ArrayList<>(List.of(
        "muster_place=" + ShellWords.quote(place(spec, tag)) + "\"" + id + "\"",
        "[ -d \"${TMPDIR:-/tmp}\" ] || export TMPDIR=" + ShellWords.quote(scratch(spec)),
        "muster_tell() {", // puts text into the job's comment, in printable characters
        "  local text",
        "  text=$(tail -c 4000 | LC_ALL=C tr '\\t' ' ' | LC_ALL=C tr -c '\\n -~' '?' | sed -E 's/[A-Za-z0-9_.+=-]{48,}/(long word)/g' | tail -c "
            + TAIL + ")",
        "  text=${text//\\\\/\\\\\\\\}",
        "  text=${text//$'\\n'/\\\\n}",
        "  [ ${#text} -le " + TAIL + " ] || text=${text: -" + TAIL + "}",
        // The id of the last of an array is that of the array too.
        "  timeout -s KILL 20 scontrol update JobId=\"" + id + "\" Comment=\"$text\"",
        "}",
        "muster_end() {",
        "  local code=$?",
        "  trap '' EXIT TERM INT",
        "  [ \"$code\" -eq 0 ] || muster_tell <\"$muster_place/err\"",
        "  cd / && rm -rf -- \"$muster_place\"",
        "  exit \"$code\"",
        "}",
        "if [ -O \"$muster_place\" ] && [ ! -L \"$muster_place\" ]; then rm -rf -- \"$muster_place\"; fi",
        "if ! muster_said=$(umask 077 && mkdir -- \"$muster_place\" 2>&1); then",
        "  muster_tell <<<\"muster: cannot make the job's folder on ${SLURMD_NODENAME:-$HOSTNAME}: $muster_said\"",
        "  exit " + JobScript.ARRIVAL_FAILED,
        "fi",
        "trap muster_end EXIT",
        "trap 'exit 143' TERM INT",
        "exec >\"$muster_place/out\" 2>\"$muster_place/err\""));
    for (Path file : spec.unless().keySet()) {
      int number = spec.files().indexOf(file);
      lines.addAll(JobScript.ask(
          spec, file, List.of(answer(HAS + number)), List.of(answer(NEEDS + number))));
    }
    // Files come as soon as their folder is there.
    String files = "\"$muster_place/" + FILES + "\"";
    lines.add(
        "mkdir -m 700 -- " + files + " && cd -- " + files + " || exit " + JobScript.ARRIVAL_FAILED);
    if (!spec.files().isEmpty() || spec.parcels() != null) {
      long limit = JobOptions.of(spec).transferLimit().toSeconds();
      lines.addAll(List.of(
          "muster_until=$((SECONDS + " + limit + "))",
          "until [ -e \"$muster_place/" + SENT + "\" ]; do",
          "  if [ \"$SECONDS\" -ge \"$muster_until\" ]; then",
          "    echo \"muster: the job's files did not come to ${SLURMD_NODENAME:-$HOSTNAME} within "
              + limit + " s (config.transfer_timeout); there are: $(ls -A)\" >&2",
          "    exit " + JobScript.ARRIVAL_FAILED,
          "  fi",
          "  sleep 0.2",
          "done"));
    }
    return lines;
  }

  private static String answer(String folder) {
    return "mkdir -m 700 -- \"$muster_place/" + folder + "\"";
  }

  /**
   * Returns the commands that bring the files to a job that runs. They overwrite nothing, so that no link that another
   * user may have put there leads them astray.
   */
  static List<List<String>> sendCommands(JobSpec spec, JobId job, String tag) {
    List<List<String>> commands = new ArrayList<>();
    String place = place(spec, tag) + job.id() + "/";
    for (int i = 0; i < spec.files().size(); i++) {
      Path file = spec.files().get(i);
      String to = place + FILES + "/" + file.getFileName();
      commands.add(
          spec.unless().containsKey(file)
              ? sendUnless(job, place, i, file.toString(), to)
              : send(job, file.toString(), to));
    }
    Path parcels = spec.parcels();
    if (parcels != null) {
      String name = JobSpec.parcelIn(SlurmIds.index(job));
      commands.add(send(job, parcels.resolve(name).toString(), place + FILES + "/" + name));
    }
    if (!commands.isEmpty()) {
      commands.add(send(job, "/dev/null", place + SENT));
    }
    return commands;
  }

  private static List<String> sendUnless(
      JobId job, String place, int number, String from, String to) {
    return ShellCommand.of(
        "sbcast",
        SEND_UNLESS,
        List.of(job.id(), place + HAS + number, place + NEEDS + number, from, to));
  }

  static List<String> send(JobId job, String from, String to) {
    return ShellCommand.of("sbcast", SEND, List.of(job.id(), from, to));
  }
}
