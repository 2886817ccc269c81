package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.JobStatus.Ended;
import dev.muster.batch.spi.JobStatus.Held;
import dev.muster.batch.spi.JobStatus.Pending;
import dev.muster.batch.spi.JobStatus.Running;
import dev.muster.batch.spi.JobStatus.Unknown;
import dev.muster.batch.spi.StatusReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JobAdsTest {
  private static final Set<JobId> ASKED =
      IntStream.range(0, 15).mapToObj(JobAdsTest::id).collect(Collectors.toSet());

  private static JobId id(int process) {
    return new JobId("30." + process);
  }

  private static StatusReport report(int code, String out) {
    return JobAds.statuses(new CommandResult(List.of("condor_q", "-json"), code, out, ""), ASKED);
  }

  private static Map<JobId, JobStatus> statuses(String out) {
    return ((StatusReport.Answered) report(0, out)).statuses();
  }

  private static JobStatus status(String attributes) {
    return statuses("[\n{\"ClusterId\": 30, \"ProcId\": 1, " + attributes + "}\n]\n")
        .get(id(1));
  }

  @Test
  void readsWhatCondorQTold() {
    Map<JobId, JobStatus> expected = new HashMap<>();
    Running running = new Running("condor.muster.local");
    for (int process : List.of(4, 6, 7, 8, 9, 11, 12, 14)) {
      expected.put(id(process), running);
    }
    expected.put(id(3), new Held("via condor_hold (by user muster) (hold code 1.0)"));
    expected.put(
        id(10),
        new Held(
            "Job has gone over cgroup memory limit of 128 megabytes. Peak usage: 131 megabytes."
                + " (by user muster) (hold code 1.7)"));
    assertThat(statuses(Resources.text("condor_q.json"))).isEqualTo(expected);
  }

  @Test
  void readsWhatCondorHistoryTold() {
    assertThat(statuses(Resources.text("condor_history.json")))
        .isEqualTo(Map.of(
            id(0), new Ended(End.SUCCEEDED, 0, null),
            id(1), new Ended(End.FAILED, 7, null),
            id(2), new Ended(End.FAILED, 137, "ended by signal 9"),
            id(5), new Ended(End.CANCELLED, null, "via condor_rm (by user muster)"),
            id(13),
                new Ended(
                    End.OUT_OF_MEMORY, null, "via condor_hold (by user muster) (hold code 34.0)")));
  }

  @Test
  void readsStatesThatWereNotRecorded() {
    assertThat(status("\"JobStatus\": 1")).isEqualTo(new Pending(null));
    assertThat(status("\"JobStatus\": 6")).isEqualTo(new Running(null));
    assertThat(status("\"JobStatus\": 4"))
        .isEqualTo(new Ended(End.LOST, null, "the job ad does not say how it ended"));
    assertThat(status("\"JobStatus\": 3")).isEqualTo(new Ended(End.CANCELLED, null, null));
    assertThat(status("\"JobStatus\": 99")).isEqualTo(new Unknown("JobStatus 99"));
    assertThat(status("\"JobStatus\": \"\\/Expr(x)\\/\""))
        .isEqualTo(new Unknown("a job ad without JobStatus"));
    assertThat(status("\"JobStatus\": 4, \"Inner\": {\"JobStatus\": 1}, \"ExitCode\": 5"))
        .isEqualTo(new Ended(End.FAILED, 5, null));
  }

  @Test
  void noJobsAreAnAnswer() {
    assertThat(report(0, "")).isEqualTo(new StatusReport.Answered(Map.of()));
    assertThat(report(0, "[\n]\n")).isEqualTo(new StatusReport.Answered(Map.of()));
  }

  @Test
  void leavesOutWhatWasNotAskedFor() {
    assertThat(statuses("[{\"ClusterId\": 31, \"ProcId\": 0, \"JobStatus\": 2}]"))
        .isEmpty();
    assertThat(statuses("[{\"JobStatus\": 2}]")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{}", "nonsense", "[{\"ClusterId\": 30", "[1, 2]", "[{}"})
  void whatCannotBeReadIsNoAnswer(String out) {
    assertThat(report(0, out))
        .isInstanceOfSatisfying(
            StatusReport.Unavailable.class,
            unavailable -> assertThat(unavailable.reason()).contains("condor_q", out));
  }

  @Test
  void aFailedCommandIsNoAnswer() {
    assertThat(report(1, "Error: Can't find address for schedd"))
        .isEqualTo(new StatusReport.Unavailable(
            "condor_q -json: exit code 1: Error: Can't find address for schedd"));
  }
}
