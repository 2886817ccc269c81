package dev.muster.condor;

import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.code.ShellWords;
import dev.muster.execution.Staging;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How files reach a job that sees no folder of the queue's machine.
 *
 * <p>HTCondor brings them before the job starts, and which ones is fixed when the job is submitted. With the option
 * {@link #CHIRP} those that the job may be able to do without ({@link JobSpec#unless}) stay where they are: the job
 * looks whether its machine has what they bring, and fetches them with {@code condor_chirp} if not. That is a choice,
 * as it opens the user's files on the queue's machine to the machine of the job, and as a site may have switched it
 * off.
 */
final class CondorTransfer {
  /** The option that lets jobs fetch: true or false. Default: false. */
  static final String CHIRP = "chirp";

  private static final int TRIES = 3;

  private CondorTransfer() {}

  /**
   * Tells whether a job fetches files itself.
   *
   * @throws dev.muster.error.MusterException if an option cannot be honoured
   */
  static boolean fetches(JobSpec spec) {
    JobOptions options = JobOptions.of(spec);
    Duration unused = options.transferLimit();
    return options.flag(CHIRP)
        && spec.staging() == Staging.TRANSFER
        && !spec.unless().isEmpty();
  }

  /** Returns the files that HTCondor brings. */
  static List<Path> sent(JobSpec spec) {
    List<Path> files = new ArrayList<>(spec.files());
    if (fetches(spec)) {
      files.removeAll(spec.unless().keySet());
    }
    return files;
  }

  /**
   * Returns the lines that change into the job's folder, and fetch what it needs and does not have. HTCondor starts
   * jobs in the folder to which it brings their files.
   */
  static List<String> arrival(JobSpec spec) {
    List<String> lines = new ArrayList<>();
    lines.add("cd -- \"$_CONDOR_SCRATCH_DIR\" || exit " + JobScript.ARRIVAL_FAILED);
    if (spec.parcels() != null) {
      // A job without a file that it is to bring back would be held.
      lines.add(": >\"$" + JobScript.INDEX_VARIABLE + ".out\" || exit " + JobScript.ARRIVAL_FAILED);
    }
    if (!fetches(spec)) {
      return lines;
    }
    lines.addAll(List.of(
        "muster_fetch() {", // FROM TO
        "  local chirp try began=$SECONDS",
        "  chirp=$(command -v condor_chirp || echo \"$(condor_config_val LIBEXEC)/condor_chirp\")",
        "  for try in {1.." + TRIES + "}; do",
        "    [ \"$try\" -eq 1 ] || sleep 2",
        "    if timeout -s KILL " + JobOptions.of(spec).transferLimit().toSeconds()
            + " \"$chirp\" fetch \"$1\" \"$2\" >&2; then",
        "      echo \"muster: $2 fetched ($((SECONDS - began)) s)\" >&2",
        "      return",
        "    fi",
        "  done",
        "  echo \"muster: $2 could not be fetched with $chirp on $HOSTNAME; without config.chirp it is sent with each job\" >&2",
        "  exit " + JobScript.ARRIVAL_FAILED,
        "}"));
    for (Path file : spec.unless().keySet()) {
      String fetch = "muster_fetch " + ShellWords.quote(file.toString()) + " "
          + ShellWords.quote(String.valueOf(file.getFileName()));
      lines.addAll(JobScript.ask(spec, file, List.of(), List.of(fetch)));
    }
    return lines;
  }
}
