package dev.muster.condor;

import dev.muster.batch.spi.JobSpec;
import dev.muster.execution.Staging;
import java.util.Locale;
import java.util.Set;

/**
 * What others may not set in a submit description: Muster could not find the jobs or their ends again. Commands have
 * other names besides, and so have the attributes of the job ad that they become; capitals and underscores do not tell
 * them apart.
 */
final class CondorOwn {
  private static final Set<String> ALWAYS = Set.of(
      "queue",
      "universe",
      "jobuniverse",
      "executable",
      "cmd",
      "arguments",
      "arguments1",
      "arguments2",
      "args",
      "environment",
      "environment1",
      "environment2",
      "env",
      "initialdir",
      "initialdirectory",
      "jobiwd",
      "iwd",
      "log",
      "logxml",
      "userlog",
      "userlogusexml",
      "ulog",
      "output",
      "out",
      "stdout",
      "error",
      "err",
      "stderr",
      "input",
      "in",
      "stdin",
      "periodicremove",
      "batchname",
      "jobbatchname",
      "clusterid",
      "procid",
      "globaljobid",
      "owner",
      "user",
      "jobstatus",
      "mustertag",
      "musterwalltime");

  /** What a job whose files are sent would not have. */
  private static final Set<String> SENDING = Set.of(
      "transferexecutable",
      "shouldtransferfiles",
      "whentotransferoutput",
      "transferinputfiles",
      "transferinput",
      "transferfiles");

  /** What a job that brings files back would not have. */
  private static final Set<String> RETURNING =
      Set.of("transferoutputfiles", "transferoutput", "transferoutputremaps", "outputdestination");

  private CondorOwn() {}

  /**
   * Tells whether a name is among them.
   *
   * @param name without {@code +} or {@code MY.}
   * @param spec the job
   */
  static boolean has(String name, JobSpec spec) {
    String plain = name.toLowerCase(Locale.ROOT).replace("_", "");
    return ALWAYS.contains(plain)
        || (spec.staging() == Staging.TRANSFER && SENDING.contains(plain))
        || (spec.parcels() != null && RETURNING.contains(plain));
  }
}
