package dev.muster.dask;

import static dev.muster.dask.FakeRun.plan;
import static dev.muster.dask.FakeRun.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadersTest {
  /** Returns which stages have inputs that read alone, each with its inputs in their order. */
  private static Map<String, List<Boolean>> alone(Workflow.Builder workflow) {
    Map<String, List<Boolean>> found = new LinkedHashMap<>();
    for (Map<String, @Nullable Object> stage : stages(workflow)) {
      Map<?, ?> code = (Map<?, ?>) Objects.requireNonNull(stage.get("code"));
      List<Boolean> inputs = ((List<?>) Objects.requireNonNull(code.get("inputs")))
          .stream().map(input -> (Boolean) ((List<?>) input).get(3)).toList();
      if (!inputs.isEmpty()) {
        found.put((String) Objects.requireNonNull(code.get("stage")), inputs);
      }
    }
    return found;
  }

  private static List<Object> byName(Workflow.Builder workflow) {
    return stages(workflow).stream()
        .map(stage -> (Map<?, ?>) Objects.requireNonNull(stage.get("code")))
        .<Object>map(code -> Objects.requireNonNull(code.get("by_name")))
        .toList();
  }

  private static List<Map<String, @Nullable Object>> stages(Workflow.Builder workflow) {
    return new StageTable(new FakeRun(plan(workflow))).stages();
  }

  private static StageInput port(String node, String port) {
    return new StageInput(node, port, null);
  }

  private static Workflow.Builder data() {
    return workflow()
        .dataset(Dataset.of("d", "0.root", "1.root"))
        .stage("A", s -> s.op("op").scope(Scope.PARTITION));
  }

  @Test
  void theOnlyReaderReadsAlone() {
    assertThat(alone(workflow()
            .stage("A", s -> s.op("op"))
            .stage("B", s -> s.op("op").from("A"))
            .stage("C", s -> s.op("op").needs("B"))))
        .isEqualTo(Map.of("B", List.of(true), "C", List.of(true)));
  }

  @Test
  void ofSeveralReadersNoneReadsAlone() {
    assertThat(alone(workflow()
            .stage("A", s -> s.op("op"))
            .stage("B", s -> s.op("op").from("A"))
            .stage("C", s -> s.op("op").from("A"))
            .stage("D", s -> s.op("op").from("B", "C"))))
        .isEqualTo(Map.of("B", List.of(false), "C", List.of(false), "D", List.of(true, true)));
  }

  @Test
  void whoMayReadOnceMoreDoesNotReadAlone() {
    assertThat(alone(workflow()
            .stage("A", s -> s.op("op"))
            .stage("B", s -> s.op("op").from("A").retries(1))))
        .isEqualTo(Map.of("B", List.of(false)));
  }

  @Test
  void whoReadsTheSameTwiceDoesNotReadAlone() {
    List<StageInput> same =
        List.of(new StageInput("A", null, "one"), new StageInput("A", null, "two"));
    assertThat(alone(
            workflow().stage("A", s -> s.op("op")).stage("B", s -> s.op("op").from(same))))
        .isEqualTo(Map.of("B", List.of(false, false)));
  }

  @Test
  void whoGathersReadsAloneAndThoseThatShareDoNot() {
    assertThat(alone(data()
            .stage("B", s -> s.op("op").from("A").scope(Scope.GLOBAL))
            .stage("C", s -> s.op("op").from("B").scope(Scope.PARTITION))))
        .isEqualTo(Map.of("B", List.of(true), "C", List.of(false)));
  }

  @Test
  void namedOutputsHaveReadersOfTheirOwn() {
    Workflow.Builder workflow = workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").from(List.of(port("A", "one"))))
        .stage("C", s -> s.op("op").from(List.of(port("A", "two"), port("A", "three"))))
        .stage("D", s -> s.op("op").from(List.of(port("A", "three"))));
    assertThat(alone(workflow))
        .isEqualTo(Map.of("B", List.of(true), "C", List.of(true, false), "D", List.of(false)));
    assertThat(byName(workflow)).containsExactly(true, false, false, false);
  }

  @Test
  void whoReadsAllReadsEachNamedOutput() {
    Workflow.Builder workflow = workflow()
        .stage("A", s -> s.op("op"))
        .stage("B", s -> s.op("op").from(List.of(port("A", "one"))))
        .stage("C", s -> s.op("op").from("A"));
    assertThat(alone(workflow)).isEqualTo(Map.of("B", List.of(false), "C", List.of(false)));
    assertThat(byName(workflow)).containsExactly(false, false, false);
  }

  @Test
  void readersElsewhereDoNotCount() {
    assertThat(alone(workflow()
            .stage("A", s -> s.op("op"))
            .stage("B", s -> s.op("op").from("A"))
            .stage("C", s -> s.run(context -> 1).backend("local").from("A"))))
        .isEqualTo(Map.of("B", List.of(true)));
  }

  @Test
  void whatIsMadeElsewhereIsNotTaken() {
    assertThat(alone(workflow()
            .stage("A", s -> s.run(context -> 1).backend("local"))
            .stage("B", s -> s.op("op").from("A"))))
        .isEqualTo(Map.of("B", List.of(false)));
  }
}
