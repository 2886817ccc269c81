package dev.muster.report.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private static final Instant T = Instant.parse("2026-01-31T10:00:00Z");
  private static final RecordedPlan PLAN = plan(3, 4);

  private static RecordedPlan plan(int stages, int tasks) {
    List<RecordedPlan.Stage> all = new ArrayList<>();
    for (int i = 0; i < stages; i++) {
      all.add(new RecordedPlan.Stage(
          "S" + i, "op", tasks, List.of("p"), i == 0 ? Set.of() : Set.of("S" + (i - 1))));
    }
    return new RecordedPlan("w", all);
  }

  private final History history = new History(PLAN);

  private static Instant at(double seconds) {
    return T.plusNanos(Math.round(seconds * 1e9));
  }

  private void start(double time, int task, String worker) {
    history.accept(new RunEvent.TaskStarted(at(time), "r", task, "t" + task, 1, "p", worker));
  }

  private void succeed(double time, int task, double seconds) {
    history.accept(new RunEvent.TaskSucceeded(
        at(time), "r", task, "t" + task, 1, Duration.ofNanos((long) (seconds * 1e9)), Map.of()));
  }

  private void fail(double time, int task, boolean again) {
    history.accept(new RunEvent.TaskFailed(
        at(time),
        "r",
        task,
        "t" + task,
        1,
        FailureKind.OPERATION,
        "no " + time,
        again ? Duration.ZERO : null));
  }

  private void begin() {
    history.accept(new RunEvent.RunStarted(T, "r", "w", 12));
  }

  @Test
  void countsWhatHappened() {
    begin();
    start(0, 0, "w");
    start(0, 4, "v");
    succeed(1, 0, 0.9);
    fail(2, 4, true);
    start(3, 4, "w");
    fail(4, 4, false);
    history.accept(new RunEvent.TaskSkipped(at(4), "r", 8, "t8", "for t4"));
    start(4, 1, "w");
    List<StageHistory> stages = history.stages();
    assertThat(stages).extracting(stage -> stage.succeeded).containsExactly(1, 0, 0);
    assertThat(stages).extracting(stage -> stage.failed).containsExactly(0, 1, 0);
    assertThat(stages).extracting(stage -> stage.skipped).containsExactly(0, 0, 1);
    assertThat(stages).extracting(stage -> stage.retries).containsExactly(0, 1, 0);
    assertThat(stages).extracting(stage -> stage.running).containsExactly(1, 0, 0);
    assertThat(stages).extracting(StageHistory::waiting).containsExactly(2, 3, 3);
    assertThat(stages)
        .extracting(StageHistory::state)
        .containsExactly("unfinished", "failed", "skipped");
    assertThat(stages.get(1).lost).isEqualTo(3_000_000);
    assertThat(history.attempts().size()).isEqualTo(4);
    assertThat(history.failures().groups()).singleElement().satisfies(group -> {
      assertThat(group.failed).isEqualTo(1);
      assertThat(group.retried).isEqualTo(1);
      assertThat(group.lost).isEqualTo(3_000_000);
    });
    Workers.Pool pool = history.workers().pools(history.now()).get("p");
    assertThat(pool.workers).isEqualTo(2);
    assertThat(pool.busy).isEqualTo(4_000_000);
  }

  @Test
  void takesTheRunsOwnCountsOfStagesThatHaveEnded() {
    begin();
    start(0, 0, "w");
    succeed(1, 0, 1);
    history.accept(new RunEvent.StageFinished(at(1), "r", "S0", 4, 0, 0));
    assertThat(history.stages().get(0).reused).isEqualTo(3);
    assertThat(history.stages().get(0).state()).isEqualTo("done");
  }

  @Test
  void beginsAnewWithEachController() {
    begin();
    start(0, 0, "w");
    begin();
    assertThat(history.attempts().size()).isZero();
    assertThat(history.controllers()).hasSize(2);
  }

  @Test
  void leavesOutWhatIsOfAnotherPlan() {
    start(0, 0, "w"); // before any run
    begin();
    start(0, 99, "w");
    succeed(1, -1, 1);
    fail(1, 12, false);
    assertThat(history.attempts().size()).isZero();
    succeed(2, 3, 1); // its start is not on record
    assertThat(history.stages().get(0).running).isZero();
    assertThat(history.stages().get(0).succeeded).isEqualTo(1);
  }

  @Test
  void givesEachSlotOfAWorkerARow() {
    begin();
    start(0, 0, "w");
    start(0, 1, "w");
    start(0, 2, "v");
    succeed(1, 0, 1);
    start(2, 3, "w");
    Attempts attempts = history.attempts();
    assertThat(attempts.row(0)).isEqualTo(attempts.row(3)).isNotEqualTo(attempts.row(1));
    assertThat(history.workers().row(attempts.row(1)).slot()).isEqualTo(1);
    assertThat(history.workers().row(attempts.row(2)).worker()).isEqualTo("v");
  }

  /** Runs tasks one after another on some workers, as a run does. */
  private static History random(int stages, int tasks, int workers, Random random) {
    History history = new History(plan(stages, tasks));
    history.accept(new RunEvent.RunStarted(T, "r", "w", stages * tasks));
    record Free(double time, int worker) {}
    PriorityQueue<Free> free = new PriorityQueue<>((a, b) -> Double.compare(a.time, b.time));
    for (int i = 0; i < workers; i++) {
      free.add(new Free(0, i));
    }
    for (int task = 0; task < stages * tasks; task++) {
      Free next = free.remove();
      String name = "S" + task / tasks + "/d." + task % tasks;
      double end = next.time + random.nextDouble() * 3;
      history.accept(
          new RunEvent.TaskStarted(at(next.time), "r", task, name, 1, "p", "w" + next.worker));
      history.accept(
          random.nextInt(100) == 0
              ? new RunEvent.TaskFailed(
                  at(end), "r", task, name, 1, FailureKind.OPERATION, "no fit after " + task, null)
              : new RunEvent.TaskSucceeded(
                  at(end),
                  "r",
                  task,
                  name,
                  1,
                  Duration.ofMillis((long) (1000 * (end - next.time))),
                  Map.of()));
      free.add(new Free(end, next.worker));
    }
    return history;
  }

  @Test
  void theLoadAddsUpToTheTimeOfAllTasks() {
    History history = random(12, 50, 7, new Random(1));
    Charts.Load load = Charts.load(history);
    double shown = 0;
    for (float[] series : load.series) {
      for (float mean : series) {
        assertThat(mean).isBetween(0f, 7.01f);
        shown += mean * load.step;
      }
    }
    double busy = 0;
    Attempts attempts = history.attempts();
    for (int i = 0; i < attempts.size(); i++) {
      busy += (attempts.end(i, history.now()) - attempts.start(i)) / 1e6;
    }
    assertThat(shown).isCloseTo(busy, within(busy * 1e-3));
    assertThat(load.stages).hasSize(Charts.COLOURED);
  }

  @Test
  void theTimelineHasEveryAttemptOfTheRowsThatItShows() {
    History history = random(5, 200, 9, new Random(2));
    Charts.Timeline timeline = Charts.timeline(history);
    assertThat(timeline.left).isZero();
    assertThat(timeline.bars.stream().mapToInt(Charts.Bar::count).sum()).isEqualTo(1000);
    assertThat(timeline.bars).allMatch(bar -> bar.start() <= bar.end() && bar.row() < 9);
  }

  @Test
  void thePageOfAHundredThousandTasksIsNoLargerThanThatOfAThousand() throws Exception {
    int[] sizes = new int[2];
    for (int i = 0; i < 2; i++) {
      History history = random(10, i == 0 ? 2000 : 10_000, 300, new Random(3));
      ByteArrayOutputStream page = new ByteArrayOutputStream();
      new Page(Path.of("/nowhere"), plan(10, 10_000), history).write(page);
      sizes[i] = page.size();
      Charts.Timeline timeline = Charts.timeline(history);
      assertThat(timeline.bars).hasSizeLessThanOrEqualTo(20_000);
      assertThat(timeline.left).isEqualTo(200);
      assertThat(Arrays.stream(timeline.rows).distinct()).hasSize(100);
    }
    assertThat(sizes[1]).isLessThan(5_000_000).isLessThan(sizes[0] * 2);
  }
}
