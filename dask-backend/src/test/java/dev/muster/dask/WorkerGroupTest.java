package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.run.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkerGroupTest {
  private static final JobStatus WAITS = new JobStatus.Pending("Priority");
  private static final JobStatus RUNS = new JobStatus.Running("node1");

  private final Map<JobId, JobStatus> statuses = new HashMap<>();
  private Duration now = Duration.ZERO;
  private int job;

  private WorkerGroup group(int wanted) {
    return group(wanted, false, null, null);
  }

  private WorkerGroup group(
      int wanted, boolean strict, @Nullable Duration lifetime, @Nullable Integer queued) {
    return group(wanted, strict, lifetime, queued, null, false);
  }

  private WorkerGroup group(
      int wanted,
      boolean strict,
      @Nullable Duration lifetime,
      @Nullable Integer queued,
      @Nullable Integer losses,
      boolean leaving) {
    WorkerGroup.Limits limits = new WorkerGroup.Limits(
        Duration.ofMinutes(5),
        strict,
        lifetime,
        queued,
        Duration.ofSeconds(30),
        losses,
        Duration.ofSeconds(10),
        leaving);
    return new WorkerGroup("gpu", wanted, limits, id -> "\nlog of " + id, 0);
  }

  private List<JobId> submit(WorkerGroup group, int copies, JobStatus status) {
    List<JobId> ids = new ArrayList<>();
    int first = group.reserve(copies);
    for (int i = 0; i < copies; i++) {
      JobId id = new JobId("7_" + job++);
      ids.add(id);
      statuses.put(id, status);
    }
    group.submitted(first, ids);
    return ids;
  }

  private WorkerGroup.Decision look(WorkerGroup group) {
    return group.look(statuses, now.toNanos());
  }

  private void after(Duration time) {
    now = now.plus(time);
  }

  private static JobStatus ended(End end, @Nullable Integer code, @Nullable String reason) {
    return new JobStatus.Ended(end, code, reason);
  }

  @Test
  void submitsWhatIsMissing() {
    WorkerGroup group = group(3);
    assertThat(look(group).submit).isEqualTo(3);
    submit(group, 3, WAITS);
    assertThat(look(group).submit).isZero();
  }

  @Test
  void doesNotCountWhatIsBeingSubmittedTwice() {
    WorkerGroup group = group(3);
    group.reserve(3);
    assertThat(look(group).submit).isZero();
  }

  @Test
  void tellsOnceWhyManyJobsWait() {
    WorkerGroup group = group(2);
    submit(group, 2, WAITS);
    assertThat(look(group).notices)
        .containsExactly("pool gpu: 2 jobs (7_0 to 7_1) are waiting: Priority");
    assertThat(look(group).notices).isEmpty();
  }

  @Test
  void waitsInTheQueueForAsLongAsItTakes() {
    WorkerGroup group = group(1);
    submit(group, 1, WAITS);
    after(Duration.ofDays(1));
    assertThat(look(group).dead).isNull();
  }

  @Test
  void waitsInTheQueueOnlyForAsLongAsSomebodySaid() {
    WorkerGroup group = group(1, true, null, null);
    submit(group, 1, WAITS);
    assertThat(look(group).dead).isNull();
    after(Duration.ofMinutes(6));
    assertThat(look(group).dead)
        .isEqualTo("no worker of pool gpu was there within 00:05:00 (worker_start_timeout):"
            + " job 7_0 is waiting: Priority");
  }

  @Test
  void givesUpAtOnceWhereNoJobCanEverStart() {
    WorkerGroup group = group(2);
    List<JobId> ids = submit(group, 2, new JobStatus.Impossible("PartitionTimeLimit"));
    WorkerGroup.Decision decision = look(group);
    assertThat(decision.dead).contains("will have no workers").contains("PartitionTimeLimit");
    assertThat(decision.cancel).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void goesOnWithTheWorkersThatCameWhereOthersCannotStart() {
    WorkerGroup group = group(2);
    List<JobId> ids = submit(group, 2, RUNS);
    group.came("gpu-0", 0);
    statuses.put(ids.get(1), new JobStatus.Impossible("PartitionTimeLimit"));
    WorkerGroup.Decision decision = look(group);
    assertThat(decision.dead).isNull();
    assertThat(decision.notices)
        .containsExactly("pool gpu: job 7_1 can never start: PartitionTimeLimit\nlog of 7_1");
  }

  @Test
  void tellsOfHeldJobsAndGivesUpWhenTheyStayHeld() {
    WorkerGroup group = group(1);
    submit(group, 1, new JobStatus.Held("no input file"));
    assertThat(look(group).notices)
        .containsExactly("pool gpu: job 7_0 is held: no input file\nlog of 7_0");
    after(Duration.ofMinutes(6));
    assertThat(look(group).dead).contains("is held: no input file");
  }

  @Test
  void doesNotCountTimeInWhichNothingCouldBeLearned() {
    WorkerGroup group = group(1);
    submit(group, 1, new JobStatus.Held("by hand"));
    look(group);
    after(Duration.ofMinutes(6));
    group.unavailable();
    assertThat(look(group).dead).isNull();
  }

  @Test
  void givesUpAfterThreeJobsThatEndedBeforeTheirWorkerWasThere() {
    WorkerGroup group = group(1);
    for (int i = 0; i < 3; i++) {
      submit(group, 1, ended(End.FAILED, 1, null));
      WorkerGroup.Decision decision = look(group);
      assertThat(decision.notices.get(0))
          .isEqualTo("pool gpu: job 7_" + i
              + " ended (exit code 1) before the worker was there\nlog of 7_" + i);
      assertThat(decision.dead != null).isEqualTo(i == 2);
      assertThat(decision.submit).isEqualTo(i == 2 ? 0 : 1);
    }
  }

  @Test
  void givesUpAtOnceWhereAWorkersSoftwareDoesNotFit() {
    WorkerGroup group = group(1);
    submit(group, 1, ended(End.FAILED, WorkerGroup.REFUSED, null));
    assertThat(look(group).dead).contains("exit code 78");
  }

  @Test
  void replacesAWorkerThatWasRemovedFromOutsideAndSaysSo() {
    WorkerGroup group = group(1);
    List<JobId> ids = submit(group, 1, RUNS);
    group.came("gpu-0", 0);
    statuses.put(ids.get(0), ended(End.CANCELLED, null, "CANCELLED by 4000"));
    WorkerGroup.Decision decision = look(group);
    assertThat(decision.notices)
        .containsExactly(
            "pool gpu: worker gpu-0 (job 7_0) was removed (CANCELLED by 4000)\nlog of 7_0");
    assertThat(decision.submit).isEqualTo(1);
  }

  /** Lets workers come and end until the pool is given up; returns why. */
  private @Nullable String loseAll(WorkerGroup group, JobStatus end, int most) {
    String dead = null;
    for (int lost = 0; dead == null && lost < most; lost++) {
      submit(group, 1, end);
      group.came("gpu-" + lost, 0);
      dead = look(group).dead;
      assertThat(dead == null).as("after %s", lost + 1).isEqualTo(lost < 10);
      after(Duration.ofMinutes(1));
    }
    return dead;
  }

  @Test
  void givesUpWhereWorkersAreLostAgainAndAgainWithoutWork() {
    assertThat(loseAll(group(1), ended(End.FAILED, 139, null), 100))
        .contains("11 were lost one after the other and finished no task in between")
        .contains("exit code 139")
        .endsWith("\nlog of 7_10");
  }

  @Test
  void aWorkerThatEndsWellThoughNobodyAskedForItIsLostToo() {
    assertThat(loseAll(group(1), ended(End.SUCCEEDED, 0, null), 100))
        .contains("11 were lost one after the other")
        .contains("exit code 0");
  }

  @Test
  void aWorkerWhoseTimeIsOverIsNotLost() {
    WorkerGroup group = group(1, false, Duration.ofHours(1), null, null, true);
    for (int ended = 0; ended < 40; ended++) {
      submit(group, 1, ended(End.SUCCEEDED, 0, null));
      group.came("gpu-" + ended, now.toNanos());
      WorkerGroup.Decision decision = look(group);
      assertThat(decision.dead).isNull();
      assertThat(decision.notices).isEmpty();
      assertThat(decision.submit).isEqualTo(1);
    }
  }

  @Test
  void aWorkerThatComesAndGoesWhileItsJobRunsIsLostEachTime() {
    WorkerGroup group = group(1);
    JobId id = submit(group, 1, RUNS).get(0);
    group.came("gpu-0", 0);
    for (int lost = 1; lost <= 10; lost++) {
      group.went("gpu-0", now.toNanos());
      group.came("gpu-0", now.toNanos());
      WorkerGroup.Decision decision = look(group);
      assertThat(decision.cancel).isEmpty();
      assertThat(decision.dead).isNull();
    }
    group.went("gpu-0", now.toNanos());
    group.came("gpu-0", now.toNanos());
    WorkerGroup.Decision decision = look(group);
    assertThat(decision.cancel).containsExactly(id);
    assertThat(decision.dead)
        .isEqualTo("pool gpu has no workers: 11 were lost one after the other and finished no task"
            + " in between, at last: worker gpu-0 (job 7_0) was gone and came back\nlog of 7_0");
  }

  @Test
  void aWorkerThatComesAndGoesAndWorksIsKept() {
    WorkerGroup group = group(1);
    submit(group, 1, RUNS);
    group.came("gpu-0", 0);
    for (int lost = 0; lost < 40; lost++) {
      group.went("gpu-0", now.toNanos());
      group.came("gpu-0", now.toNanos());
      WorkerGroup.Decision decision = look(group);
      assertThat(decision.cancel).isEmpty();
      assertThat(decision.dead).isNull();
      group.worked();
    }
  }

  @Test
  void lossesOfSeveralKindsCountTogether() {
    WorkerGroup group = group(1, false, null, null, 3, false);
    List<JobId> cancelled = new ArrayList<>();
    submit(group, 1, RUNS);
    group.came("gpu-0", 0);
    group.went("gpu-0", 0);
    group.came("gpu-0", 0); // its connection dropped: one
    group.went("gpu-0", 0);
    after(Duration.ofSeconds(31));
    cancelled.addAll(look(group).cancel); // gone for too long: two
    statuses.put(cancelled.get(0), ended(End.CANCELLED, null, null));
    assertThat(look(group).dead).isNull();
    submit(group, 1, ended(End.SUCCEEDED, 0, null));
    group.came("gpu-1", now.toNanos());
    assertThat(look(group).dead).isNull(); // three
    submit(group, 1, ended(End.PREEMPTED, null, null));
    group.came("gpu-2", now.toNanos());
    assertThat(look(group).dead).contains("4 were lost").contains("was preempted");
  }

  @Test
  void replacesWorkersSlowlyWhenTheyAreLostOneAfterTheOther() {
    WorkerGroup group = group(1);
    List<Long> waited = new ArrayList<>();
    for (int lost = 0; lost < 10; lost++) {
      submit(group, 1, ended(End.SUCCEEDED, 0, null));
      group.came("gpu-" + lost, now.toNanos());
      long seconds = 0;
      while (look(group).submit == 0 && seconds < 1000) {
        after(Duration.ofSeconds(1));
        seconds++;
      }
      waited.add(seconds);
    }
    assertThat(waited).containsExactly(0L, 0L, 0L, 10L, 20L, 40L, 60L, 60L, 60L, 60L);
    group.worked();
    assertThat(look(group).submit).isEqualTo(1);
  }

  @Test
  void replacesAllWorkersOfALargePoolAtOnceWhenTheyAreLostTogether() {
    WorkerGroup group = group(40);
    submit(group, 40, ended(End.NODE_LOST, null, null));
    for (int i = 0; i < 40; i++) {
      group.came("gpu-" + i, 0);
    }
    assertThat(look(group).submit).isEqualTo(40);
  }

  @Test
  void workInBetweenMakesLossesForgotten() {
    WorkerGroup group = group(1);
    for (int lost = 0; lost < 40; lost++) {
      submit(group, 1, ended(End.FAILED, 139, null));
      group.came("gpu-" + lost, 0);
      assertThat(look(group).dead).isNull();
      group.worked();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void tellsHowAWorkerEnded(End end) {
    WorkerGroup group = group(1);
    submit(group, 1, ended(end, null, null));
    group.came("gpu-0", 0);
    FailureKind kind = look(group).ends.get("gpu-0").kind();
    assertThat(kind)
        .isEqualTo(
            switch (end) {
              case OUT_OF_MEMORY -> FailureKind.OUT_OF_MEMORY;
              case WALLTIME -> FailureKind.WALLTIME;
              case PREEMPTED -> FailureKind.PREEMPTED;
              default -> FailureKind.WORKER_LOST;
            });
  }

  @Test
  void shrinksByCancellingJobsThatWaitOnly() {
    WorkerGroup group = group(4);
    List<JobId> ids = submit(group, 4, WAITS);
    statuses.put(ids.get(0), RUNS);
    statuses.put(ids.get(3), RUNS);
    group.came("gpu-0", 0);
    look(group);
    group.want(0);
    assertThat(look(group).cancel).containsExactlyInAnyOrder(ids.get(1), ids.get(2));
  }

  @Test
  void cancelsTheNewestFirst() {
    WorkerGroup group = group(3);
    List<JobId> ids = submit(group, 3, WAITS);
    look(group);
    group.want(2);
    assertThat(look(group).cancel).containsExactly(ids.get(2));
    statuses.put(ids.get(2), ended(End.CANCELLED, null, null));
    WorkerGroup.Decision decision = look(group);
    assertThat(decision.notices).isEmpty();
    assertThat(decision.submit).isZero();
  }

  @Test
  void keepsToTheMostThatMayWait() {
    WorkerGroup group = group(5, false, null, 2);
    assertThat(look(group).submit).isEqualTo(2);
    List<JobId> ids = submit(group, 2, RUNS);
    assertThat(look(group).submit).isZero();
    group.came("gpu-0", 0);
    assertThat(look(group).submit).isEqualTo(1);
    assertThat(ids).hasSize(2);
  }

  @Test
  void replacesAWorkerBeforeItsTimeIsOver() {
    WorkerGroup group = group(1, false, Duration.ofHours(1), null);
    submit(group, 1, RUNS);
    group.came("gpu-0", 0);
    after(Duration.ofMinutes(57));
    assertThat(look(group).submit).isZero();
    after(Duration.ofMinutes(2));
    assertThat(look(group).submit).isEqualTo(1);
    submit(group, 1, WAITS);
    assertThat(look(group).submit).isZero();
    assertThat(look(group).cancel).isEmpty();
  }

  @Test
  void knowsAWorkerThatCameBeforeItsSubmissionWasAnswered() {
    WorkerGroup group = group(1);
    int first = group.reserve(1);
    group.came("gpu-0", 0);
    JobId id = new JobId("9");
    group.submitted(first, List.of(id));
    statuses.put(id, ended(End.OUT_OF_MEMORY, 137, null));
    assertThat(look(group).ends).containsKey("gpu-0");
  }

  @Test
  void aSubmissionThatMayBeTriedAgainDoesNotCount() {
    WorkerGroup group = group(1);
    for (int i = 0; i < 10; i++) {
      group.reserve(1);
      group.failed(1, false, "the controller does not answer");
      assertThat(look(group).submit).isEqualTo(1);
    }
    for (int i = 0; i < 3; i++) {
      group.reserve(1);
      group.failed(1, true, "invalid partition");
    }
    assertThat(look(group).dead).contains("invalid partition");
  }

  @Test
  void replacesAWorkerThatIsGoneWhileItsJobIsSaidToRun() {
    WorkerGroup group = group(1);
    JobId lost = submit(group, 1, RUNS).get(0);
    group.came("gpu-0", now.toNanos());
    after(Duration.ofMinutes(9));
    group.went("gpu-0", now.toNanos());
    after(Duration.ofSeconds(30));
    assertThat(look(group).cancel).isEmpty();
    after(Duration.ofMillis(1));
    WorkerGroup.Decision decision = look(group);
    assertThat(decision.cancel).containsExactly(lost);
    assertThat(decision.submit).isEqualTo(1);
    assertThat(decision.notices)
        .containsExactly(
            "pool gpu: worker gpu-0 (job 7_0) has been gone for 00:00:30, and its job is"
                + " said to run; it is cancelled\nlog of 7_0");
    submit(group, 1, WAITS);
    WorkerGroup.Decision next = look(group);
    assertThat(next.cancel).isEmpty();
    assertThat(next.submit).isZero();
  }

  @Test
  void leavesAloneAWorkerThatComesBackOrWhoseJobWaitsAgain() {
    WorkerGroup group = group(2);
    List<JobId> ids = submit(group, 2, RUNS);
    group.came("gpu-0", 0);
    group.came("gpu-1", 0);
    group.went("gpu-0", now.toNanos());
    group.went("gpu-1", now.toNanos());
    group.came("gpu-0", now.toNanos());
    statuses.put(ids.get(1), WAITS); // it was requeued
    after(Duration.ofMinutes(2));
    WorkerGroup.Decision decision = look(group);
    assertThat(decision.cancel).isEmpty();
    assertThat(decision.submit).isZero();
  }
}
