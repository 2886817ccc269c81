package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.JobStatus.Ended;
import dev.muster.batch.spi.JobStatus.Held;
import dev.muster.batch.spi.JobStatus.Pending;
import dev.muster.batch.spi.JobStatus.Running;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UserLogTest {
  private static final JobId JOB = new JobId("4.0");
  private static final String SUBMITTED = event("000", "Job submitted from host: <127.0.0.1:9618>");
  private static final String RUNNING =
      event("001", "Job executing on host: <10.0.0.7:9618?alias=node7.example&noUDP>\n\tCpus = 1");

  private static String event(String code, String text) {
    return code + " (004.000.000) 2026-11-21 03:36:06 " + text + "\n...\n";
  }

  private static @Nullable JobStatus status(String log) {
    return UserLog.statuses(log, Set.of(JOB)).get(JOB);
  }

  private static Map<JobId, JobStatus> life() {
    Set<JobId> all = IntStream.range(0, 15)
        .mapToObj(index -> new JobId("30." + index))
        .collect(Collectors.toSet());
    return UserLog.statuses(Resources.text("life.log"), all);
  }

  /** What was done to the 15 jobs of the recorded log, and how they stand at its end. */
  static Map<String, JobStatus> recorded() {
    Running running = new Running("condor.muster.local");
    return Map.ofEntries(
        Map.entry("0, exit 0", new Ended(End.SUCCEEDED, 0, null)),
        Map.entry("1, exit 7", new Ended(End.FAILED, 7, null)),
        Map.entry("2, signal 9", new Ended(End.FAILED, 137, "ended by signal 9")),
        Map.entry("3, held by hand", new Held("via condor_hold (by user muster) (hold code 1.0)")),
        Map.entry("4, held and released, runs again", running),
        Map.entry(
            "5, removed by hand", new Ended(End.CANCELLED, null, "via condor_rm (by user muster)")),
        Map.entry("6, vacated, runs again", running),
        Map.entry("7, suspended", running),
        Map.entry("8, suspended and continued", running),
        Map.entry("9, never touched", running),
        Map.entry("11, its starter was killed, runs again", running),
        Map.entry("12, its shadow was killed, runs again", running));
  }

  @ParameterizedTest
  @MethodSource("names")
  void readsARecordedLog(String what) {
    JobId job = new JobId("30." + what.substring(0, what.indexOf(',')));
    assertThat(life().get(job)).isEqualTo(recorded().get(what));
  }

  static Set<String> names() {
    return recorded().keySet();
  }

  @Test
  void tellsThatTheWalltimeWasOver() {
    JobId job = new JobId("7.0");
    assertThat(UserLog.statuses(
            Resources.text("walltime.log")
                .replace(
                    "JobStatus == 2 && time() - EnteredCurrentStatus > MusterWalltime",
                    Ends.REMOVE_AFTER_WALLTIME + " || " + Ends.REMOVE),
            Set.of(job)))
        .containsEntry(job, new Ended(End.WALLTIME, null, "it ran for longer than its walltime"));
  }

  @Test
  void tellsWhyAJobIsHeld() {
    JobId job = new JobId("8.0");
    assertThat(
            UserLog.statuses(Resources.text("missing-input.log"), Set.of(job)).get(job))
        .isInstanceOfSatisfying(
            Held.class,
            held -> assertThat(held.reason())
                .startsWith("Transfer input files failure at access point")
                .endsWith("No such file or directory (hold code 13.2)"));
  }

  @Test
  void aSubmittedJobWaits() {
    assertThat(status(SUBMITTED)).isEqualTo(new Pending(null));
  }

  @Test
  void findsTheHostInTheFormsThatVersionsHave() {
    assertThat(status(SUBMITTED + RUNNING)).isEqualTo(new Running("node7.example"));
    assertThat(status(event("001", "Job executing on host: <10.0.0.7:9618>")))
        .isEqualTo(new Running("<10.0.0.7:9618>"));
    assertThat(status(event("001", "Job executing on host: x\n\tSlotName: slot1_2@node9")))
        .isEqualTo(new Running("node9"));
    assertThat(status(event("001", "Job executing"))).isEqualTo(new Running(null));
  }

  @Test
  void anEvictedJobWaitsAgain() {
    assertThat(
            status(
                SUBMITTED
                    + RUNNING
                    + event(
                        "004",
                        "Job was evicted.\n\t(0) CPU times\n\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Run Remote Usage"
                            + "\n\t0  -  Run Bytes Sent By Job\n\tUser requested the job to vacate\n\tPartitionable Resources :")))
        .isEqualTo(new Pending(
            "it lost its place and waits for another: User requested the job to vacate"));
  }

  @Test
  void anEvictedJobThatARuleRemovesWasPreempted() {
    String evicted = RUNNING + event("004", "Job was evicted.\n\t(0) CPU times");
    String removed = event("009", "Job was aborted.\n\tThe job may start once only");
    assertThat(status(evicted + removed))
        .isEqualTo(new Ended(End.PREEMPTED, null, "The job may start once only"));
    assertThat(status(evicted + RUNNING + removed))
        .isEqualTo(new Ended(End.CANCELLED, null, "The job may start once only"));
    assertThat(status(evicted + event("009", "Job was aborted.\n\tvia condor_rm (by user x)")))
        .isEqualTo(new Ended(End.CANCELLED, null, "via condor_rm (by user x)"));
  }

  @Test
  void aDisconnectedJobRunsUntilItIsGivenUp() {
    String away = SUBMITTED
        + RUNNING
        + event("022", "Job disconnected, attempting to reconnect\n    Socket closed");
    assertThat(status(away)).isEqualTo(new Running("node7.example"));
    assertThat(status(away + event("023", "Job reconnected to slot1@node7.example")))
        .isEqualTo(new Running("node7.example"));
    assertThat(status(
            away + event("024", "Job reconnection failed\n    Job not found at execution machine")))
        .isEqualTo(new Pending(
            "its machine was lost, and it waits for another: Job not found at execution machine"));
  }

  @Test
  void aFailedShadowLetsTheJobWait() {
    assertThat(status(RUNNING
            + event("007", "Shadow exception!\n\tError from starter: bad\n\t0  -  Run Bytes Sent")))
        .isEqualTo(new Pending("it failed to run and waits to run again: Error from starter: bad"));
  }

  @Test
  void aJobThatUsedUpItsMemoryIsOverAndStaysSo() {
    String held = RUNNING
        + event(
            "012",
            "Job was held.\n\tJob has gone over cgroup memory limit of 128 megabytes.\n\tCode 34 Subcode 102");
    Ended end = new Ended(
        End.OUT_OF_MEMORY,
        null,
        "Job has gone over cgroup memory limit of 128 megabytes. (hold code 34.102)");
    assertThat(status(held)).isEqualTo(end);
    assertThat(status(held + event("013", "Job was released.") + RUNNING)).isEqualTo(end);
  }

  @Test
  void aHoldWithoutWordsIsToldAllTheSame() {
    assertThat(status(event("012", "Job was held.\n\tCode 1 Subcode 0")))
        .isEqualTo(new Held("no reason given (hold code 1.0)"));
    assertThat(status(event("012", "Job was held."))).isEqualTo(new Held("no reason given"));
  }

  @Test
  void anEndWithoutWordsIsLost() {
    assertThat(status(RUNNING + event("005", "Job terminated.\n\t(7) Strange termination")))
        .isEqualTo(new Ended(End.LOST, null, "the log does not say how it ended"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"006", "008", "021", "028", "031", "040", "045", "777"})
  void otherEventsMoveNothing(String code) {
    assertThat(status(SUBMITTED
            + RUNNING
            + event(code, "Whatever this is\n\t(1) Normal termination (return value 0)")))
        .isEqualTo(new Running("node7.example"));
  }

  @Test
  void anEventThatIsBeingWrittenIsNotThereYet() {
    String whole = SUBMITTED
        + RUNNING
        + event("005", "Job terminated.\n\t(1) Normal termination (return value 0)");
    int ended = whole.length() - "...\n".length();
    assertThat(status(whole.substring(0, ended))).isEqualTo(new Running("node7.example"));
    assertThat(status(whole.substring(0, whole.length() - 1)))
        .isEqualTo(new Ended(End.SUCCEEDED, 0, null));
  }

  @Test
  void anEventThatWasCutOffDoesNotHideTheNext() {
    String log = SUBMITTED + "001 (004.000.000) 2026-11-21 03:36:06 Job exec\n"
        + event("005", "Job terminated.\n\t(1) Normal termination (return value 3)");
    assertThat(status(log)).isEqualTo(new Ended(End.FAILED, 3, null));
  }

  @Test
  void readsTheTimeInAnyForm() {
    assertThat(status("001 (4.0.0) 11/21 03:36:06 Job executing on host: h\n...\n"))
        .isEqualTo(new Running("h"));
  }

  @Test
  void tellsNothingOfJobsThatItDoesNotKnowOrThatNobodyAskedFor() {
    assertThat(UserLog.statuses(SUBMITTED, Set.of(new JobId("5.0")))).isEmpty();
    assertThat(UserLog.statuses("no log\n...\n...\n(((", Set.of(JOB))).isEmpty();
  }
}
