package dev.muster.pbs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmitOutcome;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What PBS says by its manuals and by the reports of users, and what that means. */
class PbsAnswersTest {
  private static final String[] TABLE = {"sh", "-c", "...", "muster-qstat", "1234.pbs01"};
  private static final String[] RECORDS = {"sh", "-c", "...", "muster-records", "1234.pbs01"};

  private final PbsDialect dialect = new PbsDialect();

  private static JobId id(String id) {
    return new JobId(id);
  }

  private StatusReport report(CommandResult answer, String... jobs) {
    return dialect.statuses(
        answer, Arrays.stream(jobs).map(JobId::new).collect(Collectors.toSet()));
  }

  private Map<JobId, JobStatus> states(CommandResult answer, String... jobs) {
    return ((StatusReport.Answered) report(answer, jobs)).statuses();
  }

  @Test
  void readsTheTable() {
    CommandResult answer = Recorded.answer(0, Recorded.text("table"), "", TABLE);
    assertThat(states(
            answer, "1234.pbs01", "1235[0].pbs01", "1235[1].pbs01", "1235[2].pbs01", "1236.pbs01"))
        .isEqualTo(Map.of(
            id("1234.pbs01"), new JobStatus.Running(null),
            id("1235[1].pbs01"), new JobStatus.Running(null),
            id("1235[2].pbs01"), new JobStatus.Pending(null),
            id("1236.pbs01"), new JobStatus.Held("on hold (H)")));
  }

  @Test
  void readsTheTableOfSlurm() {
    CommandResult answer = Recorded.answer(0, Recorded.text("table-slurm"), "", TABLE);
    assertThat(states(answer, "1", "2", "3")).containsOnlyKeys(id("1"));
  }

  @Test
  void knowsJobsWhoseServerIsCutOff() {
    String row = "1234567[10].pbs-s* muster0abcdefgh  alice             00:00:03 R workq\n";
    assertThat(states(
            Recorded.answer(0, row + "muster: end 0\n", "", TABLE),
            "1234567[10].pbs-server.example.org",
            "1234567[1].pbs-server.example.org"))
        .containsOnlyKeys(id("1234567[10].pbs-server.example.org"));
  }

  @Test
  void aJobOfAnotherNameHasOnlyGotItsNumber() {
    String[] table = {"sh", "-c", "...", "muster-qstat", "1234=musterold 1235=musternew", "-t"};
    String rows = """
        1234.pbs01        step-a           alice             00:00:03 R workq
        1235[0].pbs01     musternew        alice             00:00:03 R workq
        muster: end 0
        """;
    assertThat(states(Recorded.answer(0, rows, "", table), "1234.pbs01", "1235[0].pbs01"))
        .containsOnlyKeys(id("1235[0].pbs01"));
    String[] records = {"sh", "-c", "...", "muster-records", "1234=musterold", "1234.pbs01"};
    assertThat(states(Recorded.answer(0, Recorded.text("records"), "", records), "1234.pbs01"))
        .isEmpty();
  }

  @Test
  void findsTheJobsOfASubmission() {
    assertThat(found("8\n10\n9\n", 3))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(id("8"), id("9"), id("10"))));
    assertThat(found("12[0].srv\n12[2].srv\n", 3))
        .as("Torque names what is left of an array")
        .isEqualTo(
            new SubmitOutcome.Accepted(List.of(id("12[0].srv"), id("12[1].srv"), id("12[2].srv"))));
    assertThat(found("", 3)).isInstanceOf(SubmitOutcome.Rejected.class);
    assertThat(found("8\n9\n", 3))
        .isInstanceOfSatisfying(
            SubmitOutcome.Unclear.class, unclear -> assertThat(unclear.again()).isFalse());
  }

  private SubmitOutcome found(String ids, int copies) {
    return dialect.found(Recorded.answer(0, ids + "muster: end\n", "", "find"), copies);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "153 | qstat: Unknown Job Id 1235.pbs01",
        "35 | qstat: 1235.pbs01 Job has finished, use -x or -H to obtain historical job information",
        "36 | qstat: PBS is not configured to maintain job history"
      })
  void aJobThatIsGoneHidesNoOther(int code, String said) {
    String out = Recorded.text("table").replace("end 0", "end " + code);
    CommandResult answer = Recorded.answer(0, out, said + "\n", TABLE);
    assertThat(states(answer, "1234.pbs01", "1239.pbs01")).containsOnlyKeys(id("1234.pbs01"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "255 | qstat: cannot connect to server pbs01 (errno=15010)",
        "153 | qstat: illegally formed job identifier: x",
        "8 | Problem loading jobs.",
        "2 | usage: qstat [-f]"
      })
  void aServerThatIsAwaySaysNothingOfJobs(int code, String said) {
    CommandResult answer = Recorded.answer(0, "muster: end " + code + "\n", said + "\n", TABLE);
    assertThat(report(answer, "1234.pbs01")).isInstanceOf(StatusReport.Unavailable.class);
    assertThat(report(
            Recorded.answer(0, "muster: end " + code + "\n", said + "\n", RECORDS), "1234.pbs01"))
        .isInstanceOf(StatusReport.Unavailable.class);
  }

  @Test
  void readsHowJobsEnded() {
    CommandResult answer = Recorded.answer(0, Recorded.text("records"), "", RECORDS);
    assertThat(states(answer, "1234.pbs01", "1235[1].pbs01"))
        .isEqualTo(Map.of(
            id("1234.pbs01"), new JobStatus.Ended(End.SUCCEEDED, 0, null),
            id("1235[1].pbs01"), new JobStatus.Ended(End.WALLTIME, 143, null)));
    assertThat(states(Recorded.answer(0, Recorded.text("records-torque"), "", RECORDS), "179.host"))
        .isEqualTo(Map.of(
            id("179.host"),
            new JobStatus.Ended(End.LOST, null, "PBS could not run it: Exit_status = -1")));
  }

  @ParameterizedTest
  @CsvSource({
    "0, SUCCEEDED, 0",
    "3, FAILED, 3",
    "255, FAILED, 255",
    "139, FAILED, 139",
    "267, FAILED, 139",
    "271, CANCELLED, 143",
    "265, CANCELLED, 137",
    "143, CANCELLED, 143",
    "-3, LOST,"
  })
  void tellsEndsApart(int said, End end, Integer code) {
    String record =
        "Job Id: 7.x\n    job_state = F\n    Exit_status = " + said + "\nmuster: end 0\n";
    assertThat(states(Recorded.answer(0, record, "", RECORDS), "7.x").get(id("7.x")))
        .isInstanceOfSatisfying(JobStatus.Ended.class, ended -> {
          assertThat(ended.end()).isEqualTo(end);
          assertThat(ended.exitCode()).isEqualTo(code);
        });
  }

  @Test
  void tellsAnEndByMemory() {
    String record = """
        Job Id: 7.x
            job_state = F
            resources_used.mem = 2097153kb
            resources_used.walltime = 00:00:05
            Resource_List.mem = 2gb
            Resource_List.walltime = 01:00:00
            Exit_status = 265
        muster: end 0
        """;
    assertThat(states(Recorded.answer(0, record, "", RECORDS), "7.x").get(id("7.x")))
        .isEqualTo(new JobStatus.Ended(End.OUT_OF_MEMORY, 137, null));
  }

  @Test
  void aSignalAtTheEndOfTheTimeIsTheWalltime() {
    JobStatus.Ended failed = new JobStatus.Ended(End.FAILED, 143, null);
    assertThat(
            dialect.ended(failed, "x\nmuster: SIGTERM after 121 s of 120 s\n").end())
        .isEqualTo(End.WALLTIME);
    assertThat(dialect.ended(failed, "x\nmuster: SIGTERM after 12 s of 120 s\n"))
        .isEqualTo(failed);
  }

  @Test
  void saysWhyJobsWait() {
    assertThat(dialect.explained(Recorded.answer(
            0,
            "Job Id: 7.x\n    job_state = Q\n    comment = Not Running: Insufficient amount of\n\t resource: ngpus\n",
            "",
            "qstat")))
        .isEqualTo(new JobStatus.Pending("Not Running: Insufficient amount of resource: ngpus"));
    assertThat(dialect.explained(Recorded.answer(
            0,
            "Job Id: 7.x\n    comment = Can Never Run: Insufficient amount of resource: ngpus (R: 9 A: 4 T: 4)\n",
            "",
            "qstat")))
        .isInstanceOf(JobStatus.Impossible.class);
  }

  @Test
  void readsIds() {
    assertThat(dialect.submitted(Recorded.answer(0, "1234.pbs01\n", "", "qsub"), 1))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(id("1234.pbs01"))));
    assertThat(dialect.submitted(Recorded.answer(0, "1234[].pbs01.example.org\n", "", "qsub"), 2))
        .isEqualTo(new SubmitOutcome.Accepted(
            List.of(id("1234[0].pbs01.example.org"), id("1234[1].pbs01.example.org"))));
    assertThat(dialect.submitted(Recorded.answer(0, "7\n8\n", "", "qsub"), 2))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(id("7"), id("8"))));
    assertThat(dialect.submitted(Recorded.answer(0, "7\n", "", "qsub"), 2))
        .isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "171 | qsub: Invalid credential | Unclear",
        "183 | qsub: End of File | Unclear",
        "162 | qsub: cannot connect to server pbs01 (errno=111) | Unclear",
        "188 | qsub: Job violates queue and/or server resource limits | Rejected",
        "2 | qsub: illegal -N value | Rejected",
        "38 | qsub: would exceed queue workq's per-user limit | Full",
        "127 | sh: 1: qsub: not found | Unclear"
      })
  void tellsWhyASubmissionFailed(int code, String said, String outcome) {
    assertThat(dialect
            .submitted(Recorded.answer(code, "", said + "\n", "qsub"), 1)
            .getClass()
            .getSimpleName())
        .isEqualTo(outcome);
  }

  @Test
  void jobsThatMayBeInTheQueueAreNotRejected() {
    assertThat(dialect.submitted(Recorded.answer(1, "7\n", "qsub: Unknown queue\n", "qsub"), 2))
        .isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @Test
  void whatIsGoneIsCancelled() {
    assertThat(dialect.cancelled(
            Recorded.answer(153, "", "qdel: Unknown Job Id 1234.pbs01\n", "qdel")))
        .isTrue();
    assertThat(dialect.cancelled(
            Recorded.answer(35, "", "qdel: Job has finished 1234.pbs01\n", "qdel")))
        .isTrue();
    assertThat(dialect.cancelled(Recorded.answer(
            170,
            "",
            "qdel: Request invalid for state of job MSG=invalid state for job - COMPLETE 179.host\n",
            "qdel")))
        .isTrue();
    assertThat(dialect.cancelled(Recorded.answer(1, "", "", "qdel"))).isTrue(); // Slurm's
    assertThat(dialect.cancelled(Recorded.answer(
            1,
            "qdel: Kill job error on job id 1: Unable to contact slurm controller (connect failure)\n",
            "",
            "qdel")))
        .isFalse();
    assertThat(dialect.cancelled(Recorded.answer(
            255, "", "qdel: cannot connect to server pbs01 (errno=15010)\n", "qdel")))
        .isFalse();
    assertThat(dialect.cancelled(Recorded.answer(137, "", "", "qdel"))).isFalse();
  }

  @Test
  void readsHowManyElementsAnArrayMayHave() {
    assertThat(dialect.mostCopies(
            Recorded.answer(0, "Server: pbs01\n    max_array_size = 500\n", "", "qstat")))
        .isEqualTo(500);
    assertThat(dialect.mostCopies(Recorded.answer(2, "", "usage", "qstat"))).isEqualTo(10_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"M", "Y", "Z"})
  void aStateThatNobodyKnowsIsUnknown(String state) {
    assertThat(PbsTable.status(state)).isInstanceOf(JobStatus.Unknown.class);
  }

  @Test
  void asksForTheElementsOfArraysOnly() {
    assertThat(PbsIds.whole(Set.of(id("12[0].a.b"), id("12[1].a.b")))).containsExactly("12[].a.b");
    assertThat(PbsIds.shown("12[1].a.b")).isEqualTo("12[1]");
    assertThat(PbsIds.shown("muster")).isEmpty();
  }
}
