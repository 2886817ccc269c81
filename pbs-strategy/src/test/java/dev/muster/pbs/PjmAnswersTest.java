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

/** What PJM says by its user guides and by the programs of others, and what that means. */
class PjmAnswersTest {
  private static final String HEAD = "H,JOB_ID,ST,EC,SN,PC,REASON\n";

  private final PjmDialect dialect = new PjmDialect();

  private StatusReport report(String out, String err, String... jobs) {
    CommandResult answer = Recorded.answer(0, out, err, "sh", "-c", "...", "muster-pjstat", "1");
    return dialect.statuses(
        answer, Arrays.stream(jobs).map(JobId::new).collect(Collectors.toSet()));
  }

  private Map<JobId, JobStatus> states(String out, String err, String... jobs) {
    return ((StatusReport.Answered) report(out, err, jobs)).statuses();
  }

  @Test
  void readsSubJobsByTheNamesOfFields() {
    String out = """
        H,JOB_ID,ST,EC,PC,SN
        ,34703955,RUN,-,-,-
        ,34703955[1],EXT,0,0,0
        ,34703955[2],RUN,-,-,-
        muster: end 0
        """;
    assertThat(states(out, "", "34703955[1]", "34703955[2]", "34703955[3]"))
        .isEqualTo(Map.of(
            new JobId("34703955[1]"), new JobStatus.Ended(End.SUCCEEDED, 0, null),
            new JobId("34703955[2]"), new JobStatus.Running(null)));
  }

  @ParameterizedTest
  @CsvSource({
    "EXT,0,0,0,SUCCEEDED,0",
    "EXT,3,0,0,FAILED,3",
    "EXT,0,11,0,FAILED,139",
    "EXT,0,24,0,WALLTIME,152",
    "EXT,0,24,11,WALLTIME,",
    "EXT,0,9,12,OUT_OF_MEMORY,",
    "EXT,0,9,23,OUT_OF_MEMORY,",
    "EXT,0,0,20,NODE_LOST,",
    "EXT,0,0,18,PREEMPTED,",
    "EXT,0,0,16,LOST,",
    "EXT,0,0,28,LOST,",
    "CCL,-,-,1,CANCELLED,",
    "CCL,-,-,-,CANCELLED,",
    "CCL,-,-,11,WALLTIME,",
    "RJT,-,-,2,LOST,",
    "ERR,-,-,25,LOST,"
  })
  void tellsEndsApart(String state, String ec, String sn, String pc, End end, Integer code) {
    String out = HEAD + ",7," + String.join(",", state, ec, sn, pc, "-") + "\nmuster: end 0\n";
    assertThat(states(out, "", "7").get(new JobId("7")))
        .isInstanceOfSatisfying(JobStatus.Ended.class, ended -> {
          assertThat(ended.end()).isEqualTo(end);
          assertThat(ended.exitCode()).isEqualTo(code);
        });
  }

  @Test
  void saysWhyJobsWait() {
    String out = HEAD + ",7,QUE,-,-,-,NO ENOUGH NODES, or later\nmuster: end 0\n";
    assertThat(states(out, "", "7"))
        .containsEntry(new JobId("7"), new JobStatus.Pending("NO ENOUGH NODES, or later"));
  }

  @Test
  void aJobThatIsGoneHidesNoOther() {
    String out = HEAD + ",7,RUN,-,-,-,-\nmuster: end 1\n";
    assertThat(states(out, "[ERR.] PJM 0211 pjstat Job 8 does not exist.\n", "7", "8"))
        .containsOnlyKeys(new JobId("7"));
  }

  @Test
  void aManagerThatIsAwaySaysNothingOfJobs() {
    assertThat(report("muster: end 1\n", "[ERR.] PJM 0231 pjstat Failed to connect.\n", "7"))
        .isInstanceOf(StatusReport.Unavailable.class);
    assertThat(report("muster: end 127\n", "sh: 1: pjstat: not found\n", "7"))
        .isInstanceOf(StatusReport.Unavailable.class);
  }

  @Test
  void aJobOfAnotherNameHasOnlyGotItsNumber() {
    String out = """
        H,JOB_ID,JOB_NAME,ST,EC,SN,PC
        ,7,mustera,EXT,0,0,0
        ,8,mustera,RUN,-,-,-
        muster: end 0
        """;
    CommandResult answer =
        Recorded.answer(0, out, "", "sh", "-c", "...", "muster-pjstat", "7=musterb 8=mustera");
    StatusReport report = dialect.statuses(answer, Set.of(new JobId("7"), new JobId("8")));
    assertThat(((StatusReport.Answered) report).statuses()).containsOnlyKeys(new JobId("8"));
  }

  @Test
  void findsTheJobsOfASubmission() {
    assertThat(found("12 BU\n", 2))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(new JobId("12[0]"), new JobId("12[1]"))));
    assertThat(found("10 NM\n9 NM\n", 2))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(new JobId("9"), new JobId("10"))));
    assertThat(found("9 NM\n", 2)).isInstanceOf(SubmitOutcome.Unclear.class);
    assertThat(found("", 2)).isInstanceOf(SubmitOutcome.Rejected.class);
  }

  private SubmitOutcome found(String jobs, int copies) {
    return dialect.found(Recorded.answer(0, jobs + "muster: end\n", "", "find"), copies);
  }

  @Test
  void readsIds() {
    String said = "[INFO] PJM 0000 pjsub Job 12345 submitted.\n";
    assertThat(dialect.submitted(Recorded.answer(0, said, "", "pjsub"), 1))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(new JobId("12345"))));
    assertThat(dialect.submitted(Recorded.answer(0, "12345\n", "", "pjsub"), 2))
        .isEqualTo(
            new SubmitOutcome.Accepted(List.of(new JobId("12345[0]"), new JobId("12345[1]"))));
    assertThat(dialect.submitted(Recorded.answer(0, "1\n2\n", "", "pjsub"), 2))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(new JobId("1"), new JobId("2"))));
    assertThat(dialect.submitted(Recorded.answer(0, "1\n2\n", "", "pjsub"), 3))
        .isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @Test
  void whatIsGoneIsCancelled() {
    assertThat(dialect.cancelled(Recorded.answer(
            1,
            "[INFO] PJM 0100 pjdel Accepted job 7.\n",
            "[ERR.] PJM 0181 pjdel Job 8 does not exist.\n",
            "pjdel")))
        .isTrue();
    assertThat(dialect.cancelled(
            Recorded.answer(1, "", "[ERR.] PJM 0131 pjdel Failed to connect.\n", "pjdel")))
        .isFalse();
  }
}
