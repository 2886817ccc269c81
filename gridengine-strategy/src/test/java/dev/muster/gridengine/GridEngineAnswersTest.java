package dev.muster.gridengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmitOutcome;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Grid Engine 8.1.9 really said, and what it means. */
class GridEngineAnswersTest {
  private final GridEngineDialect dialect = new GridEngineDialect();

  private Map<JobId, JobStatus> states(CommandResult answer, String... jobs) {
    Set<JobId> asked = Set.copyOf(java.util.Arrays.stream(jobs).map(JobId::new).toList());
    return ((StatusReport.Answered) dialect.statuses(answer, asked)).statuses();
  }

  private static JobId id(String id) {
    return new JobId(id);
  }

  /** The queue, and behind it why job 31 is in an error state. */
  private static CommandResult queue() {
    String why = Recorded.text("8.1.9/why-error");
    String out = Recorded.text("8.1.9/qstat")
        + why.substring(0, why.indexOf("muster: verification"))
        + "muster: end\n";
    return new CommandResult(List.of("sh", "-c", "...", "muster-qstat"), 0, out, "");
  }

  @Test
  void readsTheQueue() {
    JobStatus error = new JobStatus.Held(
        "in error state (Eqw): can't open output file \"/nonexistent/x\": No such file or directory");
    assertThat(states(
            queue(), "28.1", "28.3", "28.4", "29.1", "29.5", "30.2", "31.1", "31.2", "34.1", "35.1",
            "36.1"))
        .isEqualTo(Map.ofEntries(
            Map.entry(id("28.1"), new JobStatus.Running("cpu2")),
            Map.entry(id("28.3"), new JobStatus.Running("mem1")),
            Map.entry(id("29.1"), new JobStatus.Held("on hold (hqw)")),
            Map.entry(id("29.5"), new JobStatus.Held("on hold (hqw)")),
            Map.entry(id("30.2"), new JobStatus.Pending(null)),
            Map.entry(id("31.1"), error),
            Map.entry(id("31.2"), error),
            Map.entry(id("34.1"), new JobStatus.Running("gpu1")),
            Map.entry(id("35.1"), new JobStatus.Held("suspended (s)"))));
  }

  @Test
  void aJobOfAnotherNameIsNotOurs() {
    List<String> ours =
        List.of("sh", "-c", "...", "muster-qstat", "28", "running", "29", "muster.x");
    assertThat(states(new CommandResult(ours, 0, queue().out(), ""), "28.1", "29.1"))
        .containsOnlyKeys(id("28.1"));
    List<String> ended =
        List.of("sh", "-c", "...", "muster-qacct", "33", "codes", "36", "muster.x");
    String accounts = Recorded.text("8.1.9/qacct");
    assertThat(states(new CommandResult(ended, 0, accounts, ""), "33.1", "36.1"))
        .containsOnlyKeys(id("33.1"));
  }

  @Test
  void readsHowJobsEnded() {
    CommandResult answer = Recorded.answer("qacct", 0, "sh", "-c", "...", "muster-qacct");
    Map<JobId, JobStatus> ends =
        states(answer, "32.1", "32.2", "33.1", "36.1", "37.1", "31.1", "99999.1");
    assertThat(ends.get(id("32.1")))
        .isEqualTo(new JobStatus.Ended(
            End.WALLTIME,
            null,
            "Grid Engine says: failed 37  : qmaster enforced h_rt, h_cpu, or h_vmem limit"));
    assertThat(ends.get(id("33.1"))).isEqualTo(new JobStatus.Ended(End.FAILED, 3, null));
    assertThat(ends.get(id("36.1")))
        .isEqualTo(new JobStatus.Ended(End.CANCELLED, 137, "killed, by qdel or from outside"));
    assertThat(ends.get(id("37.1")))
        .isInstanceOfSatisfying(
            JobStatus.Ended.class, ended -> assertThat(ended.end()).isEqualTo(End.LOST));
    assertThat(ends.get(id("31.1")))
        .isInstanceOfSatisfying(
            JobStatus.Ended.class,
            ended -> assertThat(ended.reason()).contains("opening input/output file"));
    assertThat(ends).doesNotContainKey(id("99999.1"));
  }

  @Test
  void saysWhyJobsWait() {
    assertThat(dialect.explained(Recorded.answer("why-impossible", 0, "sh")))
        .isInstanceOfSatisfying(
            JobStatus.Impossible.class,
            why -> assertThat(why.reason())
                .startsWith(
                    "(-l gpu=100) cannot run at host \"gpu1\" because it offers only hc:gpu=4.000000"));
    assertThat(dialect.explained(Recorded.answer("why-held", 0, "sh")))
        .isEqualTo(new JobStatus.Pending("Job is in hold state"));
  }

  private static CommandResult account(String failed, int code, String category, String took) {
    return new CommandResult(
        List.of("sh", "-c", "...", "muster-qacct"),
        0,
        "==============================================================\njobnumber    7\ntaskid       1\nfailed       "
            + failed + "\nexit_status  " + code + "\nru_wallclock " + took
            + "\nru_minflt    510\ncategory     " + category + "\nmuster: end\n",
        "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "37  : qmaster enforced; 137; -l h_rt=60,h_vmem=1G; 61s; WALLTIME",
        "37  : qmaster enforced; 137; -l h_rt=60,h_vmem=1G; 5s; OUT_OF_MEMORY",
        "37  : qmaster enforced; 137; -l h_vmem=1G; 5s; OUT_OF_MEMORY",
        "37  : qmaster enforced; 137; NONE; 5s; WALLTIME",
        "19  : before writing exit_status; 0; NONE; 5s; NODE_LOST",
        "25  : rescheduling; 99; NONE; 5s; CANCELLED",
        "26  : opening input/output file; 0; NONE; 0s; LOST",
        "100 : assumedly after job; 139; NONE; 5s; FAILED",
        "0; 0; NONE; 5s; SUCCEEDED",
        "0; 9; NONE; 5s; FAILED"
      })
  void tellsEndsApart(String failed, int code, String category, String took, End end) {
    assertThat(states(account(failed, code, category, took), "7.1").get(id("7.1")))
        .isInstanceOfSatisfying(
            JobStatus.Ended.class, ended -> assertThat(ended.end()).isEqualTo(end));
  }

  @Test
  void aLogThatSpeaksOfMemoryTellsAnEndByMemory() {
    JobStatus.Ended failed = new JobStatus.Ended(End.FAILED, 1, null);
    assertThat(dialect.ended(failed, "Traceback\nMemoryError\n").end())
        .isEqualTo(End.OUT_OF_MEMORY);
    assertThat(dialect.ended(failed, "KeyError: 'MemoryError'\n")).isEqualTo(failed);
  }

  @Test
  void readsHowManyTasksAnArrayMayHave() {
    assertThat(dialect.mostCopies(limit("max_aj_tasks                 1000\n"))).isEqualTo(1000);
    assertThat(dialect.mostCopies(limit("max_aj_tasks 0\n"))).isEqualTo(Integer.MAX_VALUE);
    assertThat(dialect.mostCopies(limit("garbage"))).isEqualTo(75_000);
  }

  private static CommandResult limit(String out) {
    return new CommandResult(List.of("qconf", "-sconf"), 0, out, "");
  }

  @Test
  void tellsWhetherASubmissionWasTaken() {
    assertThat(dialect.submitted(Recorded.answer("qsub", 0, "qsub"), 3))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(id("28.1"), id("28.2"), id("28.3"))));
    assertThat(dialect.submitted(Recorded.answer("qsub-no-queue", 1, "qsub"), 3))
        .isEqualTo(
            new SubmitOutcome.Rejected(
                "Unable to run job: Job was rejected because job requests unknown queue \"nosuch.q\"\nExiting."));
    assertThat(dialect.submitted(Recorded.answer("qsub-no-qmaster", 1, "qsub"), 3))
        .isInstanceOf(SubmitOutcome.Unclear.class);
    String limit =
        "Unable to run job: job rejected: only 2 jobs are allowed per user (current job count: 2)\nExiting.\n";
    assertThat(dialect.submitted(new CommandResult(List.of("qsub"), 25, "", limit), 1))
        .isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @Test
  void aQmasterThatIsAwaySaysNothingOfJobs() {
    assertThat(dialect.statuses(
            Recorded.answer("qstat-no-qmaster", 1, "qstat", "-xml"), Set.of(id("1.1"))))
        .isInstanceOf(StatusReport.Unavailable.class);
  }

  @Test
  void whatIsGoneIsCancelled() {
    assertThat(dialect.cancelled(Recorded.answer("qdel-unknown", 1, "qdel"))).isTrue();
    assertThat(dialect.cancelled(Recorded.answer("qdel-mixed", 1, "qdel"))).isTrue();
    assertThat(dialect.cancelled(Recorded.answer("qdel-no-such-name", 1, "qdel")))
        .isTrue();
    assertThat(dialect.cancelled(Recorded.answer("qstat-no-qmaster", 1, "qdel")))
        .isFalse();
  }

  @Test
  void shortensManyIds() {
    assertThat(GridEngineIds.ranges(
            List.of(id("7.1"), id("7.2"), id("7.3"), id("7.5"), id("12.10"), id("99"))))
        .containsExactly("99", "12.10", "7.1-3", "7.5");
  }

  @ParameterizedTest
  @CsvSource({
    "qw,Pending", "hqw,Held", "Eqw,Held", "t,Running", "r,Running", "Rr,Running", "Rq,Pending",
    "dr,Running", "dt,Running", "dqw,Pending", "s,Held", "S,Held", "T,Held", "hr,Running",
    "Rqw,Pending", "dRr,Running", "foo,Unknown"
  })
  void knowsStates(String state, String meaning) {
    JobStatus status = QueueAnswer.status(state, "h");
    assertThat(status == null ? "" : status.getClass().getSimpleName()).isEqualTo(meaning);
  }
}
