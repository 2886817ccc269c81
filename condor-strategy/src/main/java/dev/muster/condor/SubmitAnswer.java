package dev.muster.condor;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.SubmitOutcome;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what {@code condor_submit -terse} answered. Never throws. */
final class SubmitAnswer {
  private static final Pattern RANGE =
      Pattern.compile("(?m)^\\s*(\\d{1,9})\\.(\\d{1,9}) - (\\d{1,9})\\.(\\d{1,9})\\s*$");

  /** What condor_submit says without -terse. */
  private static final Pattern SENTENCE =
      Pattern.compile("(?m)^(\\d{1,9}) job\\(s\\) submitted to cluster (\\d{1,9})\\.?\\s*$");

  /**
   * Words of a queue that cannot be reached or is busy. A refusal is in the words of the site, and
   * has none of them.
   */
  private static final Pattern TROUBLE = Pattern.compile(
      "can't find address|failed to (connect|contact|authenticate)|unable to connect|cedar:|secman:|authenticate:|timed? ?out"
          + "|connection (refused|reset|closed)|communication|disconnected|failed to (begin|start) transaction|try again"
          + "|no space left|temporar",
      Pattern.CASE_INSENSITIVE);

  /** Of a queue in which there are as many jobs as there may be; nothing of the submission is in it. */
  private static final Pattern FULL = Pattern.compile(
      "would exceed (MAX_JOBS_SUBMITTED|MAX_JOBS_PER_OWNER|MAX_RUNNING)|queue is full",
      Pattern.CASE_INSENSITIVE);

  private static final Pattern COMMIT =
      Pattern.compile("failed to commit job submission", Pattern.CASE_INSENSITIVE);

  private SubmitAnswer() {}

  /** Returns what became of the submission. */
  static SubmitOutcome read(CommandResult answer, int copies) {
    String words = answer.words();
    if (!answer.ok()) {
      boolean cut = answer.exitCode() >= 128;
      if (!cut && FULL.matcher(words).find()) {
        return new SubmitOutcome.Full(words);
      }
      return cut || words.isEmpty() || TROUBLE.matcher(words).find() || uncommitted(words)
          ? new SubmitOutcome.Unclear(answer.describe())
          : new SubmitOutcome.Rejected(words);
    }
    Set<List<Integer>> named = new LinkedHashSet<>();
    RANGE
        .matcher(answer.out())
        .results()
        .forEach(range -> named.add(
            range.group(1).equals(range.group(3))
                ? numbers(range.group(1), range.group(2), range.group(4))
                : List.of()));
    SENTENCE
        .matcher(answer.out())
        .results()
        .forEach(line -> named.add(
            numbers(line.group(2), "0", Integer.toString(Integer.parseInt(line.group(1)) - 1))));
    boolean again = answer.out().isBlank();
    if (named.size() != 1) {
      return new SubmitOutcome.Unclear(
          "condor_submit named " + (named.isEmpty() ? "no jobs" : "jobs of more than one kind")
              + " although it went well: " + answer.out() + answer.err(),
          again);
    }
    List<Integer> range = named.iterator().next();
    if (range.isEmpty() || range.get(2) - range.get(1) + 1 != copies) {
      return new SubmitOutcome.Unclear(
          "condor_submit was asked for " + copies + " jobs and answered "
              + answer.out().strip(),
          again);
    }
    List<JobId> jobs = new ArrayList<>(copies);
    for (int process = range.get(1); process <= range.get(2); process++) {
      jobs.add(new JobId(range.get(0) + "." + process));
    }
    return new SubmitOutcome.Accepted(jobs);
  }

  private static List<Integer> numbers(String cluster, String first, String last) {
    return List.of(Integer.valueOf(cluster), Integer.valueOf(first), Integer.valueOf(last));
  }

  /**
   * Tells whether the last step failed for no reason that is told; a rule of the queue says its reason in a line of its
   * own.
   */
  private static boolean uncommitted(String words) {
    Matcher commit = COMMIT.matcher(words);
    return commit.find() && !words.substring(commit.end()).contains("ERROR:");
  }
}
