package dev.muster.condor;

import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.JobStatus.Ended;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says what a hold or a removal means.
 *
 * <p>HTCondor holds a job that used up its memory or its time; no rule of Muster lets such a job start again, so this
 * is its end, and the job is removed from the queue by {@link #REMOVE}. Other holds may be released. Source: the table
 * of hold reason codes in the manual of HTCondor 23.
 */
final class Ends {
  /**
   * A condition under which HTCondor removes a job by itself: {@link #held} told its end, although a rule may have
   * released it since.
   */
  static final String REMOVE = "HoldReasonCode =?= 34 || LastHoldReasonCode =?= 34"
      + " || HoldReasonCode =?= 46 || LastHoldReasonCode =?= 46"
      + " || HoldReasonCode =?= 47 || LastHoldReasonCode =?= 47"
      + " || (HoldReasonCode =?= 26 && regexp(\"memory\", HoldReason, \"i\"))"
      + " || (LastHoldReasonCode =?= 26 && regexp(\"memory\", LastHoldReason, \"i\"))";

  /** A condition under which HTCondor removes a job that ran for too long. */
  static final String REMOVE_AFTER_WALLTIME =
      "(JobStatus == 2 && time() - EnteredCurrentStatus > MusterWalltime)";

  private static final int BY_POLICY_OF_THE_SITE = 26;
  private static final int OUT_OF_RESOURCES = 34;
  private static final int JOB_DURATION = 46;
  private static final int EXECUTE_DURATION = 47;

  private static final Pattern TIME = Pattern.compile(
      "wall[ _-]?(clock[ _-]?)?time|max(imum)?[ _-]?(run|execution)[ _-]?time|(run|job|execute) ?duration",
      Pattern.CASE_INSENSITIVE);
  private static final Pattern MEMORY =
      Pattern.compile("memory.*(exceed|limit|usage|over)|(exceed|over).*memory", Pattern.DOTALL);
  private static final Pattern BY_HAND = Pattern.compile("via condor_rm\\b.*", Pattern.DOTALL);

  private Ends() {}

  /** Returns what a hold means: {@link JobStatus.Held}, or the end. */
  static JobStatus held(@Nullable Integer code, @Nullable Integer subcode, @Nullable String said) {
    String reason = said == null || said.isBlank() ? "no reason given" : said.strip();
    if (code == null) {
      return new JobStatus.Held(reason);
    }
    String told = reason + " (hold code " + code + (subcode == null ? "" : "." + subcode) + ")";
    return switch (code) {
      case OUT_OF_RESOURCES ->
        new Ended(
            reason.toLowerCase(Locale.ROOT).contains("disk") ? End.FAILED : End.OUT_OF_MEMORY,
            null,
            told);
      case JOB_DURATION, EXECUTE_DURATION -> new Ended(End.WALLTIME, null, told);
      case BY_POLICY_OF_THE_SITE ->
        reason.toLowerCase(Locale.ROOT).contains("memory")
            ? new Ended(End.OUT_OF_MEMORY, null, told)
            : new JobStatus.Held(told);
      default -> new JobStatus.Held(told);
    };
  }

  /**
   * Returns how a job ended that was removed from the queue.
   *
   * @param said why, or null
   * @param hold what its last hold meant, or null
   * @param evicted whether it had lost its place and not started again
   */
  static Ended removed(@Nullable String said, @Nullable JobStatus hold, boolean evicted) {
    if (hold instanceof Ended ended) {
      return ended;
    }
    String reason = said == null || said.isBlank() ? null : said.strip();
    if (reason == null || BY_HAND.matcher(reason).matches()) {
      return new Ended(End.CANCELLED, null, reason);
    }
    if (reason.contains(REMOVE_AFTER_WALLTIME)) {
      return new Ended(End.WALLTIME, null, "it ran for longer than its walltime");
    }
    if (TIME.matcher(reason).find()) {
      return new Ended(End.WALLTIME, null, reason);
    }
    if (MEMORY.matcher(reason.toLowerCase(Locale.ROOT)).find()) {
      return new Ended(End.OUT_OF_MEMORY, null, reason);
    }
    return new Ended(evicted ? End.PREEMPTED : End.CANCELLED, null, reason);
  }

  /** Returns how a job ended that came to its own end. */
  static Ended exited(int code) {
    return new Ended(code == 0 ? End.SUCCEEDED : End.FAILED, code, null);
  }

  /** Returns how a job ended that a signal ended. */
  static Ended killed(int signal) {
    return new Ended(End.FAILED, 128 + signal, "ended by signal " + signal);
  }
}
