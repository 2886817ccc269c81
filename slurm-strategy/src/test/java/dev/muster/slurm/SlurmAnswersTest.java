package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmitOutcome;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmAnswersTest {
  private static final SlurmDialect DIALECT = new SlurmDialect();

  static Stream<String> versions() {
    return Stream.of("22.05", "24.11");
  }

  private static Set<JobId> jobs(String... ids) {
    return Stream.of(ids).map(JobId::new).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Map<JobId, JobStatus> statuses(CommandResult answer, Set<JobId> asked) {
    StatusReport report = DIALECT.statuses(answer, asked);
    assertThat(report).isInstanceOf(StatusReport.Answered.class);
    return ((StatusReport.Answered) report).statuses();
  }

  private static CommandResult sacct(String out) {
    return new CommandResult(List.of("env", "sacct"), 0, out, "");
  }

  @ParameterizedTest
  @MethodSource("versions")
  void readsWhatSqueueTellsOfJobsInManyStates(String version) {
    Map<String, String> names = Recorded.names(version);

    Map<JobId, JobStatus> statuses =
        statuses(Recorded.answer(version, "squeue"), jobs(names.keySet().toArray(String[]::new)));

    String told = names.entrySet().stream()
        .map(name -> name.getValue() + ": " + statuses.get(new JobId(name.getKey())) + "\n")
        .collect(Collectors.joining());
    assertThat(told).isEqualTo(Recorded.text(version + "/squeue.expected"));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void tellsOnlyOfJobsThatWereAskedFor(String version) {
    assertThat(statuses(Recorded.answer(version, "squeue"), jobs("1_0", "1_1")))
        .containsOnlyKeys(new JobId("1_0"));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void takesTheRestOfACancelledArrayForAllItsTasks(String version) {
    CommandResult answer = Recorded.answer(version, "squeue-cancelled-array");
    String array = answer.out().substring(0, answer.out().indexOf(' '));

    Map<JobId, JobStatus> statuses = statuses(answer, jobs(array + "_0", array + "_3", "99_0"));

    assertThat(statuses).containsOnlyKeys(new JobId(array + "_0"), new JobId(array + "_3"));
    assertThat(statuses.values())
        .containsOnly(new JobStatus.Ended(End.CANCELLED, null, "CANCELLED"));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void readsRangesOfTasks(String version) {
    CommandResult answer = Recorded.answer(version, "squeue-waiting-array");
    String array = answer.out().substring(0, answer.out().indexOf('_'));

    Map<JobId, JobStatus> statuses =
        statuses(answer, jobs(array + "_0", array + "_4", array + "_5", array + "_7"));

    assertThat(statuses)
        .containsOnlyKeys(
            new JobId(array + "_0"), new JobId(array + "_4"), new JobId(array + "_7"));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void jobsThatTheControllerHasForgottenAreAbsent(String version) {
    for (String name : List.of("squeue-unknown", "squeue-two-unknown")) {
      assertThat(statuses(Recorded.answer(version, name), jobs("999999_0"))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void aControllerThatIsAwayIsUnavailable(String version) {
    StatusReport report =
        DIALECT.statuses(Recorded.answer(version, "squeue-no-controller"), jobs("1_0"));

    assertThat(report)
        .asInstanceOf(InstanceOfAssertFactories.type(StatusReport.Unavailable.class))
        .extracting(StatusReport.Unavailable::reason)
        .asString()
        .contains("exit code 1", "Unable to contact slurm controller");
  }

  @ParameterizedTest
  @ValueSource(strings = {"what is this", "1_0", "<html>", "slurm_load_jobs error: x"})
  void whatItCannotReadIsUnavailable(String out) {
    for (String command : List.of("squeue", "sacct")) {
      CommandResult answer = new CommandResult(List.of("env", command), 0, out, "");
      assertThat(DIALECT.statuses(answer, jobs("1_0")))
          .isInstanceOf(StatusReport.Unavailable.class);
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void aSiteWithoutAccountingHasNothingToAdd(String version) {
    assertThat(statuses(Recorded.answer(version, "sacct-off"), jobs("999999_0")))
        .isEmpty();
  }

  @Test
  void aDatabaseThatIsAwayIsUnavailable() {
    assertThat(DIALECT.statuses(Recorded.answer("24.11", "sacct-away"), jobs("1_0")))
        .isInstanceOf(StatusReport.Unavailable.class);
  }

  @Test
  void readsWhatARealDatabaseTells() {
    Set<JobId> asked = jobs("1_0", "1_1", "1_2", "1_3", "2_0", "2_3", "8_0", "9_0", "99_0");

    assertThat(statuses(Recorded.answer("24.11", "sacct"), asked))
        .containsOnlyKeys(jobs("1_0", "1_1", "1_2", "1_3", "2_0", "2_3"))
        .containsEntry(new JobId("1_0"), new JobStatus.Ended(End.SUCCEEDED, 0, null))
        .containsEntry(new JobId("1_1"), new JobStatus.Ended(End.FAILED, 3, "FAILED"))
        .containsEntry(new JobId("1_3"), new JobStatus.Ended(End.CANCELLED, null, "CANCELLED by 0"))
        .containsEntry(
            new JobId("2_3"), new JobStatus.Ended(End.CANCELLED, null, "CANCELLED by 0"));
    assertThat(statuses(Recorded.answer("24.11", "sacct-other-name"), asked)).isEmpty();
  }

  @Test
  void readsHowJobsEndedFromTheDatabase() {
    String out = """
        7_0|COMPLETED|0:0|cpu1|
        7_1|CANCELLED by 1000|0:15|cpu1|
        7_2|OUT_OF_MEMORY|0:125|cpu1|
        7_[3-4]|CANCELLED by 0|0:0|None assigned|
        7_5|RUNNING|0:0|cpu1|
        7_6|FAILED|3:0|cpu1|
        """;

    assertThat(statuses(sacct(out), jobs("7_0", "7_1", "7_2", "7_3", "7_4", "7_5", "7_6")))
        .isEqualTo(Map.of(
            new JobId("7_0"), new JobStatus.Ended(End.SUCCEEDED, 0, null),
            new JobId("7_1"), new JobStatus.Ended(End.CANCELLED, null, "CANCELLED by 1000"),
            new JobId("7_2"), new JobStatus.Ended(End.OUT_OF_MEMORY, null, "OUT_OF_MEMORY"),
            new JobId("7_3"), new JobStatus.Ended(End.CANCELLED, null, "CANCELLED by 0"),
            new JobId("7_4"), new JobStatus.Ended(End.CANCELLED, null, "CANCELLED by 0"),
            new JobId("7_6"), new JobStatus.Ended(End.FAILED, 3, "FAILED")));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void namesTheJobsOfASubmission(String version) {
    CommandResult answer = Recorded.answer(version, "sbatch");
    String array = answer.out().strip();

    assertThat(DIALECT.submitted(answer, 3))
        .isEqualTo(new SubmitOutcome.Accepted(
            List.of(new JobId(array + "_0"), new JobId(array + "_1"), new JobId(array + "_2"))));
  }

  @ParameterizedTest
  @CsvSource({"4711", "4711;cluster", "'some words of a plugin\n4711\n'"})
  void readsTheIdOfASubmission(String out) {
    CommandResult answer = new CommandResult(List.of("sbatch"), 0, out, "sbatch: warning\n");

    assertThat(DIALECT.submitted(answer, 1))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(new JobId("4711_0"))));
  }

  @ParameterizedTest
  @CsvSource({
    "sbatch-no-partition, Invalid partition name specified, sinfo lists",
    "sbatch-too-much-memory, Requested node configuration is not available, sinfo --Node",
    "sbatch-too-many-gpus, Requested node configuration is not available, sinfo --Node",
    "sbatch-no-feature, Invalid feature specification, Invalid feature",
    "sbatch-no-reservation, Requested reservation is invalid, reservation",
    "sbatch-no-disk, Temporary disk specification can not be satisfied, TmpDisk",
    "sbatch-array-too-long, Invalid job array specification, MaxArraySize",
    "sbatch-no-such-option, unrecognized option '--bogus', --bogus",
    "sbatch-bad-time, Invalid --time specification, --time"
  })
  void aRefusalIsRejectedInItsOwnWordsWithAdvice(String name, String words, String advice) {
    versions()
        .forEach(version -> assertThat(DIALECT.submitted(Recorded.answer(version, name), 3))
            .asInstanceOf(InstanceOfAssertFactories.type(SubmitOutcome.Rejected.class))
            .extracting(SubmitOutcome.Rejected::reason)
            .asString()
            .contains(words, advice));
  }

  /** Of one sentence for all limits. */
  @ParameterizedTest
  @CsvSource({"sbatch-user-limit, true", "sbatch-qos-limit, true", "sbatch-too-long, false"})
  void aLimitOnJobsPassesAndOneOnAJobDoesNot(String name, boolean passes) {
    CommandResult answer = Recorded.answer("22.05", name);
    if (passes) {
      assertThat(DIALECT.submitted(answer, 3)).isInstanceOf(SubmitOutcome.Full.class);
    } else {
      assertThat(DIALECT.submitted(answer, 3))
          .isEqualTo(new SubmitOutcome.Rejected("sbatch: error: QOSMaxWallDurationPerJobLimit\n"
              + "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sbatch-no-controller", "sbatch-no-munge"})
  void aControllerThatCannotBeReachedIsUnclear(String name) {
    versions()
        .forEach(version -> assertThat(DIALECT.submitted(Recorded.answer(version, name), 3))
            .isInstanceOf(SubmitOutcome.Unclear.class));
  }

  @ParameterizedTest
  @CsvSource({
    "1, sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
    "1, sbatch: error: Slurm temporarily unable to accept job",
    "1, sbatch: error: Batch job submission failed: Resource temporarily unavailable",
    "1, sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received",
    "1, sbatch: error: Batch job submission failed: Slurm backup controller in standby mode",
    "143, ''",
    "0, ''"
  })
  void whatMayPassOrHaveWorkedIsUnclear(int code, String words) {
    assertThat(DIALECT.submitted(new CommandResult(List.of("sbatch"), code, "", words), 1))
        .isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @Test
  void aMissingCommandIsRejected() {
    CommandResult answer =
        new CommandResult(List.of("env"), 127, "", "env: 'sbatch': No such file or directory\n");

    assertThat(DIALECT.submitted(answer, 1))
        .isInstanceOf(SubmitOutcome.Rejected.class)
        .extracting(Object::toString)
        .asString()
        .contains("No such file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "53",
        "53;hpc\n",
        "Submitted batch job 53\n",
        "Submitted batch job 53 on cluster hpc\n",
        "*** Welcome, 17 nodes are down ***\n53\n",
        "53\nYou have used 4711 of 9999 hours\n",
        "sbatch: Submitted batch job 53\r\n53;hpc\r\n"
      })
  void findsTheJobAmongWhatElseIsSaid(String out) {
    assertThat(DIALECT.submitted(new CommandResult(List.of("sbatch"), 0, out, ""), 2))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(new JobId("53_0"), new JobId("53_1"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"53\n54\n", "2026\nSubmitted batch job 53\n", "job 53 is in the queue\n"})
  void whatIsAmbiguousIsNotSubmittedAgain(String out) {
    assertThat(DIALECT.submitted(new CommandResult(List.of("sbatch"), 0, out, ""), 1))
        .isInstanceOfSatisfying(
            SubmitOutcome.Unclear.class, e -> assertThat(e.again()).isFalse())
        .extracting(Object::toString)
        .asString()
        .contains("sbatch named");
  }
}
