package dev.muster.slurm;

import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Slurm's states and reasons in words that all batch systems share. Total: a state that is not here is
 * {@link JobStatus.Unknown}.
 *
 * <p>Source: "JOB STATE CODES" and "JOB REASON CODES" of the manual pages of squeue and sacct, 22.05 and 24.11.
 */
final class SlurmStates {
  /** What Slurm says of one job. */
  record Told(
      String state,
      @Nullable Integer exitCode,
      @Nullable String trouble,
      int restarts,
      @Nullable String host,
      @Nullable String reason) {}

  /** Ends whose exit code is that of whatever Slurm did to the job, and so tells nothing. */
  private static final Map<String, End> ENDS = Map.ofEntries(
      Map.entry("CANCELLED", End.CANCELLED),
      Map.entry("DEADLINE", End.CANCELLED),
      Map.entry("REVOKED", End.CANCELLED),
      Map.entry("TIMEOUT", End.WALLTIME),
      Map.entry("OUT_OF_MEMORY", End.OUT_OF_MEMORY),
      Map.entry("PREEMPTED", End.PREEMPTED),
      Map.entry("NODE_FAIL", End.NODE_LOST),
      Map.entry("BOOT_FAIL", End.NODE_LOST));

  private static final Set<String> RUNNING =
      Set.of("RUNNING", "RESIZING", "SIGNALING", "STAGE_OUT", "UPDATE_DB");

  private static final Set<String> PREPARED = Set.of("CONFIGURING", "POWER_UP_NODE");

  private static final Set<String> REQUEUED = Set.of("REQUEUED", "REQUEUE_FED", "EXPEDITING");

  private static final Map<String, String> HELD = Map.of(
      "REQUEUE_HOLD", "put back into the queue and held; see scontrol release",
      "RESV_DEL_HOLD", "held because its reservation is gone; see scontrol release",
      "SPECIAL_EXIT", "put back into the queue and held after a special exit; see scontrol release",
      "SUSPENDED", "suspended by Slurm; see scontrol resume",
      "STOPPED", "stopped by a signal; see scancel --signal=CONT");

  private static final Map<String, String> HOLDS = Map.of(
      "JobHeldUser", "held; see scontrol release",
      "JobHeldAdmin", "held by an administrator",
      "JobHoldMaxRequeue", "held: put back into the queue too often",
      "ReservationDeleted", "held because its reservation is gone");

  /**
   * Reasons for which a job waits that will not pass by themselves. Limits on a sum over jobs pass, limits on one job
   * do not.
   */
  private static final Map<String, String> IMPOSSIBLE = Map.ofEntries(
      Map.entry(
          "PartitionConfig",
          "no node of the partition is like that, or the partition does not allow it"),
      Map.entry("PartitionNodeLimit", "the partition does not allow so many or so few nodes"),
      Map.entry("PartitionTimeLimit", "the walltime is longer than the partition allows"),
      Map.entry("BadConstraints", "no node is like that"),
      Map.entry("DependencyNeverSatisfied", "what it waits for will never be"),
      Map.entry("InvalidAccount", "no such account"),
      Map.entry("InvalidQOS", "no such quality of service"),
      Map.entry("AccountNotAllowed", "the partition does not take this account"),
      Map.entry(
          "QOSNotAllowed", "the account or the partition does not take this quality of service"),
      Map.entry("DeadLine", "its deadline cannot be met"));

  private static final Map<String, String> WAITS = Map.of(
      "ReqNodeNotAvail", "nodes that it needs are down, drained or reserved",
      "PartitionDown", "the partition is down",
      "PartitionInactive", "the partition is inactive",
      "BeginTime", "it may start later");

  private SlurmStates() {}

  static JobStatus of(Told told) {
    String state = told.state.split(" ", 2)[0].replaceAll("\\+$", "").toUpperCase(Locale.ROOT);
    End end = ENDS.get(state);
    if (end == End.CANCELLED) {
      return new JobStatus.Ended(end, null, told.state); // its reason is why it waited before
    }
    if (end != null) {
      return new JobStatus.Ended(end, null, ended(told));
    }
    if (RUNNING.contains(state)) {
      return new JobStatus.Running(told.host);
    }
    if (state.equals("COMPLETING")) {
      return new JobStatus.Ending(told.host);
    }
    if (PREPARED.contains(state)) {
      return new JobStatus.Pending("its node is made ready" + after(told.host));
    }
    if (REQUEUED.contains(state)) {
      return new JobStatus.Pending("put back into the queue" + after(told.reason));
    }
    String held = HELD.get(state);
    if (held != null) {
      return new JobStatus.Held(state + " (" + held + ")" + after(told.reason));
    }
    return switch (state) {
      case "PENDING" -> pending(told);
      case "COMPLETED" -> new JobStatus.Ended(End.SUCCEEDED, 0, null);
      case "FAILED", "LAUNCH_FAILED", "RECONFIG_FAIL" ->
        new JobStatus.Ended(End.FAILED, told.exitCode, ended(told));
      default -> new JobStatus.Unknown(told.state);
    };
  }

  private static JobStatus pending(Told told) {
    String reason = told.reason;
    if (reason == null) {
      return new JobStatus.Pending(again(told, null));
    }
    String word = reason.split("[ ,(:]", 2)[0];
    String hold = HOLDS.get(word);
    if (hold != null || reason.contains("held")) {
      return new JobStatus.Held(hold == null ? reason : reason + " (" + hold + ")");
    }
    String never = IMPOSSIBLE.get(word);
    if (never == null && ofOneJob(word)) {
      never = "one job may not have that much";
    }
    if (never != null) {
      return new JobStatus.Impossible(reason + " (" + never + ")");
    }
    String wait = WAITS.get(word);
    return new JobStatus.Pending(again(told, wait == null ? reason : reason + " (" + wait + ")"));
  }

  /** Tells whether a limit is one on a single job, such as {@code QOSMaxWallDurationPerJobLimit}. */
  private static boolean ofOneJob(String word) {
    return (word.startsWith("Assoc") || word.startsWith("QOS"))
        && (word.endsWith("PerJobLimit") || word.endsWith("PerJob") || word.matches("QOSMin\\w+"));
  }

  private static @Nullable String again(Told told, @Nullable String reason) {
    if (told.restarts == 0) {
      return reason;
    }
    return "put back into the queue, " + told.restarts + (told.restarts == 1 ? " time" : " times")
        + after(reason);
  }

  private static String after(@Nullable String reason) {
    return reason == null ? "" : ": " + reason;
  }

  /** Returns Slurm's words for an end: the state, the reason, what the exit code means. */
  private static String ended(Told told) {
    String words = told.state + after(told.reason);
    return told.trouble == null ? words : words + " (" + told.trouble + ")";
  }
}
