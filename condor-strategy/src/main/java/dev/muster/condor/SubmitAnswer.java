package dev.muster.condor;

import dev.muster.batch.CommandResult;
import dev.muster.batch.JobId;
import dev.muster.batch.SubmitOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what {@code condor_submit -terse} answered. Never throws. */
final class SubmitAnswer {
  private static final Pattern RANGE =
      Pattern.compile("(\\d{1,9})\\.(\\d{1,9}) - (\\d{1,9})\\.(\\d{1,9})");

  /** Words of a queue that cannot be reached, is busy, or is full for now. A refusal is in the words of the site, and has none of them. */
  private static final Pattern TROUBLE = Pattern.compile(
      "can't find address|failed to (connect|contact|authenticate)|unable to connect|cedar:|secman:|authenticate:|timed? ?out"
          + "|connection (refused|reset|closed)|communication|disconnected|failed to (begin|start) transaction|try again"
          + "|would exceed (MAX_JOBS_SUBMITTED|MAX_JOBS_PER_OWNER|MAX_RUNNING)|queue is full|no space left|temporar",
      Pattern.CASE_INSENSITIVE);

  private static final Pattern COMMIT =
      Pattern.compile("failed to commit job submission", Pattern.CASE_INSENSITIVE);

  private SubmitAnswer() {}

  /** Returns what became of the submission. */
  static SubmitOutcome read(CommandResult answer, int copies) {
    String words = answer.words();
    if (!answer.ok()) {
      boolean cut = answer.exitCode() >= 128;
      return cut || words.isEmpty() || TROUBLE.matcher(words).find() || uncommitted(words)
          ? new SubmitOutcome.Unclear(answer.describe())
          : new SubmitOutcome.Rejected(words);
    }
    Matcher range = RANGE.matcher(answer.out());
    if (!range.find()) {
      return new SubmitOutcome.Unclear(
          "condor_submit named no jobs although it went well: " + answer.out() + answer.err());
    }
    int first = Integer.parseInt(range.group(2));
    int last = Integer.parseInt(range.group(4));
    if (!range.group(1).equals(range.group(3)) || last - first + 1 != copies) {
      return new SubmitOutcome.Unclear(
          "condor_submit was asked for " + copies + " jobs and named " + range.group());
    }
    List<JobId> jobs = new ArrayList<>(copies);
    int cluster = Integer.parseInt(range.group(1));
    for (int process = first; process <= last; process++) {
      jobs.add(new JobId(cluster + "." + process));
    }
    return new SubmitOutcome.Accepted(jobs);
  }

  /** Tells whether the last step failed for no reason that is told; a rule of the queue says its reason in a line of its own. */
  private static boolean uncommitted(String words) {
    Matcher commit = COMMIT.matcher(words);
    return commit.find() && !words.substring(commit.end()).contains("ERROR:");
  }
}
