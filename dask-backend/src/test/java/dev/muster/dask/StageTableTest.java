package dev.muster.dask;

import static dev.muster.dask.FakeRun.plan;
import static dev.muster.dask.FakeRun.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.plan.Plan;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StageTableTest {
  private static StageTable table(Workflow.Builder workflow) {
    return new StageTable(new FakeRun(plan(workflow)));
  }

  private static List<@Nullable Object> each(StageTable table, String key) {
    return table.stages().stream()
        .<@Nullable Object>map(stage -> stage.get(key))
        .toList();
  }

  private static Workflow.Builder diamond() {
    return workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").needs("A"))
        .stage("C", s -> s.op("op").needs("A"))
        .stage("D", s -> s.op("op").needs("B", "C"));
  }

  private static Workflow.Builder chain() {
    return workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").from("A"))
        .stage("C", s -> s.op("op").from("B"));
  }

  @Test
  void aDiamondIsNotFused() {
    StageTable table = table(diamond());
    assertThat(each(table, "depth")).containsExactly(0, 1, 1, 2);
    assertThat(each(table, "next")).containsExactly(-1, -1, -1, -1);
    assertThat(each(table, "read_here")).containsExactly(true, true, true, false);
    assertThat(each(table, "fetch")).containsExactly(false, false, false, true);
    assertThat(table.stages().get(3).get("links"))
        .isEqualTo(List.of(
            Map.of(
                "producer",
                1,
                "identity",
                true,
                "first",
                1,
                "here",
                true,
                "many",
                false,
                "inputs",
                List.of(0)),
            Map.of(
                "producer",
                2,
                "identity",
                true,
                "first",
                2,
                "here",
                true,
                "many",
                false,
                "inputs",
                List.of(1))));
  }

  @Test
  void aChainIsFused() {
    StageTable table = table(chain());
    assertThat(each(table, "next")).containsExactly(1, 2, -1);
    assertThat(each(table, "next_comes")).containsExactly(true, true, false);
    assertThat(each(table, "keep")).containsExactly(false, false, false);
  }

  @Test
  void whatFollowsATaskThatMayGoElsewhereIsNotAwaited() {
    StageTable table = table(workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").from("A").retry(new Retry(1, Duration.ZERO, "large"))));
    assertThat(each(table, "next")).containsExactly(1, -1);
    assertThat(each(table, "next_comes")).containsExactly(false, false);
  }

  @Test
  void whatMayBeReadOnceMoreIsKept() {
    StageTable table = table(workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").from("A").retries(1)));
    assertThat(each(table, "keep")).containsExactly(true, false);
  }

  @Test
  void outputsThatAreKeptForTheUserAreNotFused() {
    FakeRun run = new FakeRun(plan(chain()));
    run.keepsValues = true;
    StageTable table = new StageTable(run);
    assertThat(each(table, "next")).containsExactly(-1, -1, -1);
    assertThat(each(table, "fetch")).containsExactly(true, true, true);
  }

  @Test
  void stagesOfDifferentRoutesAreNotFused() {
    StageTable table = table(workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").from("A").require("gpu")));
    assertThat(each(table, "next")).containsExactly(-1, -1);
    assertThat(table.routes().described()).hasSize(2);
  }

  @Test
  void aGatherIsNotFused() {
    StageTable table = table(workflow()
        .dataset(Dataset.of("d", "0.root", "1.root", "2.root"))
        .stage("A", s -> s.op("op").scope(Scope.PARTITION))
        .stage("B", s -> s.op("op").from("A").scope(Scope.GLOBAL)));
    assertThat(each(table, "next")).containsExactly(-1, -1);
    assertThat(table.stages().get(1).get("links"))
        .isEqualTo(List.of(Map.of(
            "producer",
            0,
            "identity",
            false,
            "first",
            0,
            "here",
            true,
            "many",
            true,
            "inputs",
            List.of(0))));
    assertThat(each(table, "scope")).containsExactly("partition", "global");
  }

  @Test
  void stagesElsewhereAreReadAndFetched() {
    Plan plan = plan(workflow()
        .stage("A", s -> s.run(context -> 1).backend("local"))
        .stage("B", s -> s.op("op").from("A"))
        .stage("C", s -> s.run(context -> 1).backend("local").from("B")));
    StageTable table = new StageTable(new FakeRun(plan));
    Map<String, @Nullable Object> stage = table.stages().get(0);
    assertThat(table.stages()).hasSize(1);
    assertThat(stage).containsEntry("fetch", true).containsEntry("read_here", false);
    assertThat(stage.get("links").toString()).contains("here=false");
    assertThat(table.fusion().leavesNothing(1)).isTrue();
    assertThat(table.topology().here(0)).isFalse();
  }

  @Test
  void aStageThatOnlyWaitsReadsNothing() {
    StageTable table = table(workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").needs("A").from(List.of())));
    assertThat(table.stages().get(1)).containsEntry("links", List.of());
    assertThat(each(table, "next")).containsExactly(-1, -1);
    assertThat(each(table, "depth")).containsExactly(0, 1);
  }

  @Test
  void whereTasksMayEscalateToIsARouteToo() {
    Plan plan =
        plan(workflow().stage("A", s -> s.op("op").retry(new Retry(1, Duration.ZERO, "large"))));
    RouteTable routes = new StageTable(new FakeRun(plan)).routes();
    assertThat(routes.described().toString()).contains("pools=[default]", "pools=[large]");
    assertThat(routes.number(plan.stages().get(0).route())).isZero();
    assertThat(routes.number(plan.escalationOf(plan.stages().get(0)))).isEqualTo(1);
  }

  @Test
  void aRouteOfNoStageIsRefused() {
    RouteTable routes = table(workflow().stage("A", s -> s.op("op"))).routes();
    Plan other = plan(workflow().stage("A", s -> s.op("op").require("gpu")));
    assertThatThrownBy(() -> routes.number(other.stages().get(0).route()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no stage of this session has the route");
  }

  @Test
  void tasksHaveThePlacesOfTheirData() {
    Plan plan = plan(workflow()
        .dataset(Dataset.of("d", "0.root", "1.root"))
        .dataset(Dataset.of("e", "2.root"))
        .stage("A", s -> s.op("op").scope(Scope.PARTITION))
        .stage("B", s -> s.op("op").scope(Scope.DATASET))
        .stage("C", s -> s.op("op").scope(Scope.GLOBAL)));
    Topology topology = new StageTable(new FakeRun(plan)).topology();
    List<Integer> places = java.util.stream.IntStream.range(0, plan.taskCount())
        .mapToObj(task -> topology.place(plan.stageOf(task), task, plan.partitionOf(task)))
        .toList();
    assertThat(places).containsExactly(0, 1, 2, 0, 1, -1);
    assertThat(topology.datasets()).extracting(each -> each.get("name")).containsExactly("d", "e");
  }
}
