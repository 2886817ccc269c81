package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.SubmitOutcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words are those of HTCondor 23.9.6. */
final class SubmitAnswerTest {
  private static SubmitOutcome read(int code, String out, String err, int copies) {
    return SubmitAnswer.read(
        new CommandResult(List.of("condor_submit", "-terse", "x.sub"), code, out, err), copies);
  }

  @Test
  void namesTheJobs() {
    assertThat(read(0, "6.0 - 6.2\n", "", 3))
        .isEqualTo(new SubmitOutcome.Accepted(
            List.of(new JobId("6.0"), new JobId("6.1"), new JobId("6.2"))));
    assertThat(read(0, "\n7.0 - 7.0\n", "WARNING: the line 'nonsense = 3' was unused", 1))
        .isEqualTo(new SubmitOutcome.Accepted(List.of(new JobId("7.0"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Submitting job(s)...\n3 job(s) submitted to cluster 6.\n",
        "Welcome to the site\n6.0 - 6.2\nquota: 3 of 100\n",
        "6.0 - 6.2\n3 job(s) submitted to cluster 6.\n"
      })
  void findsTheJobsAmongWhatElseIsSaid(String out) {
    assertThat(read(0, out, "", 3))
        .isEqualTo(new SubmitOutcome.Accepted(
            List.of(new JobId("6.0"), new JobId("6.1"), new JobId("6.2"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"6.0 - 6.2\n7.0 - 7.2", "6.0 - 6.2\n3 job(s) submitted to cluster 7.", "done"})
  void whatIsAmbiguousIsNotSubmittedAgain(String out) {
    assertThat(read(0, out, "", 3))
        .isInstanceOfSatisfying(
            SubmitOutcome.Unclear.class, e -> assertThat(e.again()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1 job(s) submitted to cluster 6.", "6.0 - 6.1", "6.0 - 7.2", "6.2 - 6.0"})
  void anAnswerThatDoesNotFitIsUnclear(String out) {
    assertThat(read(0, out, "", 3)).isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERROR: Parse error in expression: \n\tRequirements = ((Memory >) && x\n",
        "ERROR: Executable file /nonexistent does not exist",
        "ERROR: on Line 5 of submit file: \n\nERROR: Failed to parse command file (line 5).",
        "ERROR: Failed to create proc\nNumber of submitted jobs would exceed MAX_JOBS_PER_SUBMISSION",
        "ERROR: Failed to commit job submission into the queue.\nERROR: Jobs with NoSuch are not welcome",
        "ERROR: Invalid accounting_group: a b"
      })
  void aRefusalIsToldInTheWordsOfHtcondor(String err) {
    assertThat(read(1, "", "\n" + err + "\n", 1))
        .isEqualTo(new SubmitOutcome.Rejected(err.strip()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERROR: Can't find address of local schedd",
        "ERROR: Failed to connect to local queue manager\nSECMAN:2007:Failed to end classad message.",
        "ERROR: Failed to connect to local queue manager\nAUTHENTICATE:1003:Failed to authenticate with any method",
        "ERROR: Failed to commit job submission into the queue.",
        ""
      })
  void whatMayWorkLaterIsUnclear(String err) {
    assertThat(read(1, "", err, 1)).isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAX_JOBS_PER_OWNER", "MAX_JOBS_SUBMITTED"})
  void aQueueThatIsFullSaysSo(String limit) {
    String words = "ERROR: Failed to create proc\nNumber of submitted jobs would exceed " + limit;
    assertThat(read(1, "", words + "\n", 5)).isEqualTo(new SubmitOutcome.Full(words));
    assertThat(read(137, "", words, 5)).isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @Test
  void aCommandThatWasKilledIsUnclear() {
    assertThat(read(137, "", "ERROR: Invalid accounting_group: a b", 1))
        .isInstanceOf(SubmitOutcome.Unclear.class);
  }
}
