package dev.muster.slurm;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How what a job has left comes back from a node that sees no folder of the submit host.
 *
 * <p>Slurm brings nothing back by itself. A job that has left something says so in its comment, with the count of its
 * restarts, as a comment outlives them, and waits. Muster fetches that and the logs through the job's own output, with
 * {@code srun}; then an empty file lets the job end.
 */
final class SlurmReturn {
  /** What is asked of jobs; the widths are ours. */
  static final String FORMAT = "JobArrayID:40,RestartCnt:12,Comment:40";

  private static final String MARK = "muster: leaves ";
  private static final String FETCHED = "fetched";
  private static final Pattern LINE =
      Pattern.compile("(\\d{1,18}_\\d{1,9}) +(\\d{1,9}) +" + MARK + "(\\d{1,9}) *");

  /**
   * Runs tar in the job and here: its output is unpacked into a new folder, and moved from there when all is there.
   * JOB INTO OUT ERR NAME PLACE.
   */
  private static final String FETCH = SlurmTransfer.NUMBER + """
      set -o pipefail
      new=$(mktemp -d -- "$2/fetched.XXXXXX") || exit
      trap 'rm -rf -- "$new"' EXIT
      srun --jobid="$job" --overlap --ntasks=1 --nodes=1 --mem=0 --input=none --quiet --chdir=/ --export=PATH=/usr/bin:/bin \\
        tar -C "$6" -cf - out err "files/$5" | tar -C "$new" --no-same-owner -xf - || exit
      mv -f -- "$new/out" "$3" && mv -f -- "$new/err" "$4" && mv -f -- "$new/files/$5" "$2/$5"
      """;

  private SlurmReturn() {}

  /** Returns the lines that let a job wait until what it has left is fetched. */
  static List<String> departure(JobSpec spec) {
    if (spec.parcels() == null) {
      return List.of();
    }
    long limit = JobOptions.of(spec).transferLimit().toSeconds();
    return List.of(
        "if [ -s \"$" + JobScript.FILES_VARIABLE + "/$" + JobScript.INDEX_VARIABLE
            + ".out\" ]; then",
        "  trap 'exit 143' TERM INT",
        "  muster_tell <<<\"" + MARK + "${SLURM_RESTART_COUNT:-0}\"",
        "  muster_until=$((SECONDS + " + limit + "))",
        "  until [ -e \"$muster_place/" + FETCHED + "\" ]; do",
        "    if [ \"$SECONDS\" -ge \"$muster_until\" ]; then",
        "      echo \"muster: nobody fetched what the job has left on ${SLURMD_NODENAME:-$HOSTNAME} within "
            + limit + " s (config.transfer_timeout)\" >&2",
        "      exit " + JobScript.ARRIVAL_FAILED,
        "    fi",
        "    sleep 0.2",
        "  done",
        "fi");
  }

  /** Returns the jobs that wait for that. */
  static Set<JobId> leaving(CommandResult answer) {
    Set<JobId> jobs = new HashSet<>();
    if (answer.ok()) {
      for (String line : answer.out().lines().toList()) {
        Matcher matcher = LINE.matcher(line);
        if (matcher.matches() && matcher.group(2).equals(matcher.group(3))) {
          jobs.add(new JobId(matcher.group(1)));
        }
      }
    }
    return jobs;
  }

  /** Returns the commands that fetch what a job has left, and its logs, and let it end. */
  static List<List<String>> fetchCommands(JobSpec spec, JobId job, String tag) {
    Path parcels = spec.parcels();
    if (parcels == null) {
      return List.of();
    }
    String place = SlurmTransfer.place(spec, tag) + job.id();
    String out = JobSpec.parcelOut(SlurmIds.index(job));
    return List.of(
        List.of(
            "bash",
            "-c",
            FETCH,
            "bash",
            job.id(),
            parcels.toString(),
            spec.outFile(job.id()).toString(),
            spec.errFile(job.id()).toString(),
            out,
            place),
        SlurmTransfer.send(job, "/dev/null", place + "/" + FETCHED));
  }
}
