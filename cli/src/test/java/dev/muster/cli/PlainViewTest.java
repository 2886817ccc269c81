package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Snapshot.Row;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunProgress.StageProgress;
import dev.muster.run.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlainViewTest {
  private static final Instant T = Samples.START;

  private static List<String> lines(RunEvent event) {
    return PlainView.event(
        event,
        Duration.between(T, event.time()),
        stage -> "high_memory",
        stage -> Duration.ofMillis(3210),
        Style.ASCII);
  }

  @Test
  void tellsWhatHappens() {
    List<RunEvent> events = List.of(
        new RunEvent.RunStarted(T, "r1", "dimuon", 122),
        new RunEvent.Notice(T, "r1", "dashboard: http://127.0.0.1:8787/status"),
        new RunEvent.StageStarted(T.plusSeconds(1), "r1", "BuildIndex", 20),
        new RunEvent.TaskStarted(
            T.plusSeconds(1), "r1", 0, "BuildIndex/ttbar.0", 1, "high_memory", "w1"),
        new RunEvent.TaskSucceeded(
            T.plusSeconds(2), "r1", 0, "BuildIndex/ttbar.0", 1, Duration.ofSeconds(1), Map.of()),
        new RunEvent.TaskFailed(
            T.plusSeconds(3),
            "r1",
            1,
            "BuildIndex/ttbar.1",
            1,
            FailureKind.NETWORK,
            "connection refused\nsecond line",
            Duration.ofSeconds(10)),
        new RunEvent.TaskFailed(
            T.plusSeconds(14),
            "r1",
            1,
            "BuildIndex/ttbar.1",
            2,
            FailureKind.OPERATION,
            "sh -c 'build' ended with exit code 3\n\033[31mTraceback\033[0m:\n\tno such file\u0007",
            null),
        new RunEvent.WorkerEnded(T.plusSeconds(15), "r1", "gpu", "gpu-3", "preempted"),
        new RunEvent.WorkerEnded(T.plusSeconds(15), "r1", "gpu", "gpu-4", null),
        new RunEvent.StageFinished(T.plusSeconds(75), "r1", "BuildIndex", 19, 1, 0),
        new RunEvent.StageFinished(T.plusSeconds(76), "r1", "Select", 40, 0, 0),
        new RunEvent.StageFinished(T.plusSeconds(3700), "r1", "Fit", 1, 0, 2),
        new RunEvent.StageFinished(T.plusSeconds(3701), "r1", "Plot", 0, 0, 1),
        new RunEvent.RunFinished(
            T.plusSeconds(3702),
            "r1",
            RunStatus.FAILED,
            Duration.ofSeconds(3702),
            "1 task failed"));
    List<String> all = new ArrayList<>();
    events.forEach(event -> all.addAll(lines(event)));
    Golden.assertMatches("plain.txt", all);
  }

  @Test
  void saysThatItIsStillAtWork() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      rows.add(new Row("default", new StageProgress("S" + i, 10, i, 3, i / 5, 0), null));
    }
    Snapshot snapshot = new Snapshot("w", Duration.ofSeconds(90), false, rows);
    assertThat(PlainView.heartbeat(snapshot, Style.ASCII))
        .isEqualTo("[1:30] 18 of 60 tasks done, 15 running, 1 failed"
            + " (S1 3/10, S2 3/10, S3 3/10, S4 3/10, and 1 more stage)");
  }

  @Test
  void aFloodOfFailuresIsToldInPart() {
    Timeline timeline = new Timeline(T);
    for (int i = 0; i < 5000; i++) {
      timeline.onEvent(
          new RunEvent.TaskFailed(T, "r1", i, "t" + i, 1, FailureKind.OPERATION, "no", null));
    }
    assertThat(timeline.news()).hasSize(Timeline.TOLD_FAILURES);
    assertThat(timeline.news()).isEmpty();
  }

  @Test
  void aClockThatIsSetBackMakesNoNegativeTime() {
    Timeline timeline = new Timeline(T);
    timeline.onEvent(new RunEvent.StageStarted(T, "r1", "S", 1));
    assertThat(timeline.elapsed("S", T.minusSeconds(5))).isZero();
    assertThat(timeline.elapsed(T.minusSeconds(5))).isZero();
    assertThat(timeline.elapsed("Other", T)).isNull();
  }
}
