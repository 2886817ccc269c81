package dev.muster.plan;

import static dev.muster.plan.Planning.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.execution.NamedExecutor;
import dev.muster.resource.Quantities;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static List<String> reasons(Execution execution, Consumer<Stage.Builder> stage) {
    Plan plan = Planning.plan(Workflow.builder().stage("S", stage).build(), execution);
    return plan.explain("S").candidates().stream()
        .map(candidate ->
            candidate.pool() + (candidate.chosen() ? ": yes, " : ": no, ") + candidate.reason())
        .toList();
  }

  @Test
  void textIsGolden() throws IOException {
    Plan plan = PlanPrintTest.dimuonPlan();
    StringBuilder text = new StringBuilder();
    for (PlannedStage stage : plan.stages()) {
      text.append(plan.explain(stage.id())).append('\n');
    }
    assertGolden("explain.txt", text.toString());
  }

  @Test
  void aRequirementSaysWhoDoesNotProvideIt() {
    assertThat(reasons(Planning.threePools(), stage -> stage.require("gpu")))
        .containsExactly(
            "default: no, does not provide gpu",
            "high_memory: no, does not provide gpu",
            "gpu: yes, requires gpu");
  }

  @Test
  void noRequirementSaysWhichIsDefault() {
    assertThat(reasons(Planning.threePools(), stage -> {}))
        .containsExactly(
            "default: yes, no requirement, the default pool",
            "high_memory: no, not the default pool",
            "gpu: no, not the default pool");
  }

  @Test
  void aPreferenceThatIsNotMetSaysSo() {
    assertThat(reasons(Planning.threePools(), stage -> stage.prefer("tpu", "gpu")))
        .containsExactly(
            "default: no, does not provide tpu",
            "high_memory: no, does not provide tpu",
            "gpu: yes, prefers tpu, which no pool provides, and falls back to gpu");
  }

  @Test
  void amountsSayWhatIsLackingAndWhatFitsMoreTightly() {
    assertThat(reasons(
            Planning.threePools().toBuilder()
                .pool("huge", pool -> pool.memory("1TB"))
                .build(),
            stage -> stage.environment(environment ->
                environment.resources(Quantities.builder().memory("64GB").build()))))
        .containsExactly(
            "default: no, memory 4GB < 64GB",
            "high_memory: yes, needs memory 64GB; the tightest fit",
            "gpu: no, memory 16GB < 64GB",
            "huge: no, fits, but less tightly than high_memory");
  }

  @Test
  void aProcessorSaysWhoHasIt() {
    assertThat(reasons(
            Planning.threePools(),
            stage -> stage.environment(
                environment -> environment.processOn(ProcessOn.GPU_IF_AVAILABLE))))
        .containsExactly(
            "default: no, fits, but has no GPU",
            "high_memory: no, fits, but has no GPU",
            "gpu: yes, takes a GPU, as there is one");
    assertThat(reasons(
            Planning.threePools(),
            stage -> stage.environment(environment -> environment.processOn(ProcessOn.CPU))))
        .containsExactly(
            "default: yes, leaves GPUs to others; the default pool",
            "high_memory: no, fits as well",
            "gpu: no, fits, but its GPUs are left to others");
  }

  @Test
  void elsewhereSaysWhere() {
    assertThat(reasons(Planning.threePools(), stage -> stage.backend("local")))
        .containsExactly(
            "default: no, the stage runs on the local backend, which has this machine only",
            "high_memory: no, the stage runs on the local backend, which has this machine only",
            "gpu: no, the stage runs on the local backend, which has this machine only",
            "local: yes, no requirement, the only pool");
    assertThat(reasons(
            Planning.threePools().toBuilder()
                .executor(new NamedExecutor("night", null, null, "gpu", Map.of()))
                .build(),
            stage -> stage.executor("night")))
        .contains("default: no, the stage runs in executor night");
  }
}
