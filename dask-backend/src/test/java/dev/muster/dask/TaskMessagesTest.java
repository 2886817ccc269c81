package dev.muster.dask;

import static dev.muster.dask.FakeRun.plan;
import static dev.muster.dask.FakeRun.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.spi.OutputCopy;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskMessagesTest {
  private final FakeBridge bridge = new FakeBridge();

  private static int[] tasks(int... tasks) {
    return tasks;
  }

  private TaskMessages messages(FakeRun run) {
    return new TaskMessages(run, new StageTable(run), bridge);
  }

  private void submit(TaskMessages messages, Plan plan, int... tasks) {
    PlannedStage stage = plan.stageOf(tasks[0]);
    assertThat(messages.submit(stage, stage.route(), 1, tasks, 0, tasks.length)).isEmpty();
  }

  private static Workflow.Builder data() {
    return workflow()
        .dataset(Dataset.of("d/e", "0.root", "1.root", "2.root"))
        .dataset(Dataset.of("f", "3.root"));
  }

  @Test
  void aDiamondReadsTasksOfTheSameNumber() {
    Plan plan = plan(workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").needs("A"))
        .stage("C", s -> s.op("op").needs("A"))
        .stage("D", s -> s.op("op").needs("B", "C")));
    TaskMessages messages = messages(new FakeRun(plan));
    for (int task = 0; task < 4; task++) {
      submit(messages, plan, task);
    }
    assertThat(bridge.sent())
        .containsExactly(
            "submit {stage=0, attempt=1, route=0, tasks=[[0, 1, -1, folder70]]}",
            "submit {stage=1, attempt=1, route=0, tasks=[[1, 1, -1, folder71]]}",
            "submit {stage=2, attempt=1, route=0, tasks=[[2, 1, -1, folder72]]}",
            "submit {stage=3, attempt=1, route=0, tasks=[[3, 1, -1, folder73]]}");
  }

  @Test
  void aGatherReadsARange() {
    Plan plan = plan(data()
        .stage("A", s -> s.op("op").scope(Scope.PARTITION))
        .stage("B", s -> s.op("op").from("A").scope(Scope.DATASET))
        .stage("C", s -> s.op("op").from("A", "B").scope(Scope.GLOBAL)));
    TaskMessages messages = messages(new FakeRun(plan));
    submit(messages, plan, 0, 1, 2, 3);
    bridge.sent();
    submit(messages, plan, 4, 5);
    submit(messages, plan, 6);
    assertThat(bridge.sent())
        .containsExactly(
            "submit {stage=1, attempt=1, route=0, tasks=[[4, 1, 0, folder71/data0],"
                + " [5, 1, 1, folder71/data1]], deps={4=[[[0, 3]]], 5=[[[3, 4]]]}}",
            "submit {stage=2, attempt=1, route=0, tasks=[[6, 1, -1, folder72]],"
                + " deps={6=[[[0, 4]], [[4, 6]]]}}");
  }

  @Test
  void partitionsThatFollowEachOtherAreOneRunWithOneFolder() {
    Plan plan = plan(data().stage("A", s -> s.op("op").scope(Scope.PARTITION)));
    TaskMessages messages = messages(new FakeRun(plan));
    submit(messages, plan, 0, 1, 2, 3);
    assertThat(bridge.sent())
        .containsExactly(
            "partitions [[0, 0, [0.root], 0, -1], [1, 0, [1.root], 0, -1],"
                + " [2, 0, [2.root], 0, -1], [3, 1, [3.root], 0, -1]]",
            "submit {stage=0, attempt=1, route=0, tasks=[[0, 3, 0, folder70/data0.0],"
                + " [3, 1, 3, folder70/data1.0]]}");
  }

  @Test
  void aGapEndsARunAndAPartitionIsToldOnce() {
    Plan plan = plan(data().stage("A", s -> s.op("op").scope(Scope.PARTITION)));
    TaskMessages messages = messages(new FakeRun(plan));
    submit(messages, plan, 2, 0, 1);
    assertThat(bridge.sent())
        .hasSize(2)
        .last()
        .isEqualTo("submit {stage=0, attempt=1, route=0, tasks=[[2, 1, 2, folder70/data0.2],"
            + " [0, 2, 0, folder70/data0.0]]}");
    submit(messages, plan, 1);
    assertThat(bridge.sent())
        .containsExactly(
            "submit {stage=0, attempt=1, route=0, tasks=[[1, 1, 1, folder70/data0.1]]}");
  }

  @Test
  void anotherAttemptMayGoAnotherWay() {
    Plan plan =
        plan(workflow().stage("A", s -> s.op("op").retry(new Retry(1, Duration.ZERO, "large"))));
    TaskMessages messages = messages(new FakeRun(plan));
    PlannedStage stage = plan.stages().get(0);
    Route escalated = plan.escalationOf(stage);
    assertThat(messages.submit(stage, escalated, 2, tasks(0), 0, 1)).isEmpty();
    assertThat(bridge.sent())
        .containsExactly("submit {stage=0, attempt=2, route=1, tasks=[[0, 1, -1, folder70]]}");
  }

  private static Plan elsewhere() {
    return plan(data()
        .stage("A", s -> s.run(context -> 1).backend("local").scope(Scope.PARTITION))
        .stage("B", s -> s.op("op").from("A").scope(Scope.PARTITION))
        .stage("C", s -> s.op("op").from("A").scope(Scope.GLOBAL)));
  }

  @Test
  void outputsThatWereMadeElsewhereAreSentOnceAndBeforeWhatReadsThem() {
    FakeRun run = new FakeRun(elsewhere());
    run.outputs.putAll(java.util.Map.of(0, "zero", 1, 1, 2, List.of(2)));
    TaskMessages messages = messages(run);
    submit(messages, run.plan(), 4);
    submit(messages, run.plan(), 8);
    assertThat(bridge.sent())
        .containsExactly(
            "values {0=\"zero\"}",
            "partitions [[0, 0, [0.root], 0, -1]]",
            "submit {stage=1, attempt=1, route=0, tasks=[[4, 1, 0, folder71/data0.0]]}",
            "values {1=1, 2=[2], 3=null}",
            "places {0=0, 1=1, 2=2, 3=3}",
            "partitions [[1, 0, [1.root], 0, -1], [2, 0, [2.root], 0, -1],"
                + " [3, 1, [3.root], 0, -1]]",
            "submit {stage=2, attempt=1, route=0, tasks=[[8, 1, -1, folder72]],"
                + " deps={8=[[[0, 4]]]}}");
  }

  @Test
  void anOutputThatCannotBeSentFailsWhatReadsItAlone() {
    FakeRun run = new FakeRun(elsewhere());
    run.outputs.putAll(java.util.Map.of(0, "zero", 1, new Object(), 2, 2));
    TaskMessages messages = messages(run);
    PlannedStage stage = run.plan().stages().get(1);
    assertThat(messages.submit(stage, stage.route(), 1, tasks(4, 5, 6), 0, 3))
        .containsOnlyKeys(5)
        .hasEntrySatisfying(
            5, error -> assertThat(error).hasMessageContaining("the output of A/d/e.1"));
    assertThat(bridge.sent())
        .containsExactly(
            "values {0=\"zero\"}",
            "values {2=2}",
            "partitions [[0, 0, [0.root], 0, -1], [2, 0, [2.root], 0, -1]]",
            "submit {stage=1, attempt=1, route=0, tasks=[[4, 1, 0, folder71/data0.0],"
                + " [6, 1, 2, folder71/data0.2]]}");
  }

  @Test
  void whatCouldBeSentIsSentThoughAnotherOutputOfTheSameTaskCouldNot() {
    FakeRun run = new FakeRun(elsewhere());
    run.outputs.putAll(java.util.Map.of(0, "zero", 1, new Object()));
    TaskMessages messages = messages(run);
    PlannedStage gather = run.plan().stages().get(2);
    assertThat(messages.submit(gather, gather.route(), 1, tasks(8), 0, 1)).containsOnlyKeys(8);
    assertThat(bridge.sent()).containsExactly("values {0=\"zero\"}");
    submit(messages, run.plan(), 4);
    assertThat(bridge.sent())
        .last()
        .isEqualTo("submit {stage=1, attempt=1, route=0, tasks=[[4, 1, 0, folder71/data0.0]]}");
  }

  private static Plan chain() {
    return plan(data()
        .stage("A", s -> s.op("op").scope(Scope.PARTITION))
        .stage("B", s -> s.op("op").from("A").scope(Scope.GLOBAL)));
  }

  @Test
  void outputsOfAnEarlierRunAreSentAsThoseThatWereMadeElsewhere() {
    FakeRun run = new FakeRun(chain());
    run.outputs.putAll(java.util.Map.of(0, "zero", 3, 3));
    TaskMessages messages = messages(run);
    submit(messages, run.plan(), 1, 2);
    bridge.sent();
    submit(messages, run.plan(), 4);
    assertThat(bridge.sent())
        .containsExactly(
            "values {0=\"zero\", 3=3}",
            "places {0=0, 3=3}",
            "partitions [[0, 0, [0.root], 0, -1], [3, 1, [3.root], 0, -1]]",
            "submit {stage=1, attempt=1, route=0, tasks=[[4, 1, -1, folder71]],"
                + " deps={4=[[[0, 4]]]}}");
  }

  @Test
  void anOutputThatLiesInAFileIsReadThere() {
    FakeRun run = new FakeRun(chain());
    run.copies.put(0, new OutputCopy(null, Path.of("/run/a"), false, List.of()));
    run.copies.put(1, new OutputCopy(null, Path.of("/run/b"), true, List.of()));
    TaskMessages messages = messages(run);
    submit(messages, run.plan(), 4);
    assertThat(bridge.sent())
        .contains("values {0=[/run/a, false], 1=[/run/b, true], 2=null, 3=null}");
  }
}
