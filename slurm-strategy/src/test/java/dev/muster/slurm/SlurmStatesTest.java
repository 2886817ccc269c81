package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmStatesTest {
  private static JobStatus of(String state, String reason) {
    return SlurmStates.of(new SlurmStates.Told(state, null, null, 0, "n1", reason));
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETED, SUCCEEDED",
    "FAILED, FAILED",
    "LAUNCH_FAILED, FAILED",
    "RECONFIG_FAIL, FAILED",
    "CANCELLED, CANCELLED",
    "CANCELLED by 1000, CANCELLED",
    "CANCELLED+, CANCELLED",
    "DEADLINE, CANCELLED",
    "REVOKED, CANCELLED",
    "TIMEOUT, WALLTIME",
    "OUT_OF_MEMORY, OUT_OF_MEMORY",
    "PREEMPTED, PREEMPTED",
    "NODE_FAIL, NODE_LOST",
    "BOOT_FAIL, NODE_LOST"
  })
  void tellsHowAJobEnded(String state, End end) {
    assertThat(of(state, null)).isInstanceOf(JobStatus.Ended.class);
    assertThat(((JobStatus.Ended) of(state, null)).end()).isEqualTo(end);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RUNNING", "RESIZING", "SIGNALING", "STAGE_OUT", "UPDATE_DB"})
  void aJobThatHasNodesRuns(String state) {
    assertThat(of(state, null)).isEqualTo(new JobStatus.Running("n1"));
  }

  @Test
  void aJobThatSlurmClearsUpAfterDoesNoMoreWork() {
    assertThat(of("COMPLETING", null)).isEqualTo(new JobStatus.Ending("n1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONFIGURING", "POWER_UP_NODE"})
  void aJobWhoseNodeIsNotReadyWaits(String state) {
    assertThat(of(state, null)).isEqualTo(new JobStatus.Pending("its node is made ready: n1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT", "SUSPENDED", "STOPPED"})
  void aJobThatDoesNotGoOnByItselfIsHeld(String state) {
    assertThat(of(state, null)).isInstanceOf(JobStatus.Held.class).asString().contains(state);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "JobHeldUser",
        "JobHeldAdmin",
        "JobHoldMaxRequeue",
        "ReservationDeleted",
        "job requeued in held state",
        "launch failed requeued held"
      })
  void aReasonMaySayThatItIsHeld(String reason) {
    assertThat(of("PENDING", reason))
        .isInstanceOf(JobStatus.Held.class)
        .asString()
        .contains(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PartitionConfig",
        "PartitionNodeLimit",
        "PartitionTimeLimit",
        "BadConstraints",
        "DependencyNeverSatisfied",
        "InvalidAccount",
        "InvalidQOS",
        "AccountNotAllowed",
        "QOSNotAllowed",
        "DeadLine",
        "AssocMaxWallDurationPerJobLimit",
        "AssocMaxCpuPerJobLimit",
        "QOSMaxWallDurationPerJobLimit",
        "QOSMaxMemoryPerJob",
        "QOSMinGRES"
      })
  void aLimitOnOneJobCanNeverBeMet(String reason) {
    assertThat(of("PENDING", reason))
        .isInstanceOf(JobStatus.Impossible.class)
        .asString()
        .contains(reason + " (");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Priority",
        "Resources",
        "Dependency",
        "BeginTime",
        "Licenses",
        "Reservation",
        "PartitionDown",
        "PartitionInactive",
        "ReqNodeNotAvail, UnavailableNodes:n[1-3]",
        "AssocMaxJobsLimit",
        "AssocGrpCpuLimit",
        "QOSGrpNodeLimit",
        "QOSMaxJobsPerUserLimit",
        "QOSMaxCpuPerUserLimit",
        "JobArrayTaskLimit",
        "Cleaning",
        "a reason of next year"
      })
  void whatMayPassIsAReasonToWait(String reason) {
    assertThat(of("PENDING", reason))
        .isInstanceOf(JobStatus.Pending.class)
        .asString()
        .contains(reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"REQUEUED", "REQUEUE_FED", "EXPEDITING"})
  void aJobThatWasPutBackSaysSo(String state) {
    assertThat(of(state, null)).isEqualTo(new JobStatus.Pending("put back into the queue"));
  }

  @Test
  void aJobThatWaitsForAnotherTrySaysHowOften() {
    assertThat(SlurmStates.of(new SlurmStates.Told("PENDING", null, null, 2, null, "BeginTime")))
        .isEqualTo(new JobStatus.Pending(
            "put back into the queue, 2 times: BeginTime (it may start later)"));
    assertThat(SlurmStates.of(new SlurmStates.Told("PENDING", null, null, 1, null, null)))
        .isEqualTo(new JobStatus.Pending("put back into the queue, 1 time"));
  }

  @Test
  void aJobThatWaitsWithoutAReasonHasNone() {
    assertThat(of("PENDING", null)).isEqualTo(new JobStatus.Pending(null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TELEPORTED", "?", "RUNNING_BACKWARDS"})
  void aStateOfNextYearIsUnknown(String state) {
    assertThat(of(state, null)).isEqualTo(new JobStatus.Unknown(state));
  }
}
