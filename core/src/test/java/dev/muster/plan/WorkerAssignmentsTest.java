package dev.muster.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerAssignmentsTest {
  private static final Execution EXECUTION = Execution.builder()
      .executor("default", "uv", Map.of())
      .executor("typed", "shell", Map.of())
      .assignment("chem.*", "pattern")
      .assignment("*.slow", "second")
      .assignment("chem", "exact")
      .assignment("bio.cut", "task")
      .assignment("[a-c]?x.f", "letters")
      .build();

  private static @Nullable String executor(Stage stage) {
    Workflow workflow = Workflow.builder().stage(stage).build();
    return new WorkerAssignments(workflow, EXECUTION).executorOf(stage);
  }

  @ParameterizedTest
  @CsvSource({
    "chem.slow, exact",
    "bio.cut, task",
    "bio.slow, second",
    "chem.more.f, pattern",
    "bax.f, letters",
    "dax.f, default",
    "shell,",
    "w.,",
  })
  void namesComeBeforePatternsAndTheDefaultLast(String op, @Nullable String executor) {
    assertThat(executor(Stage.builder("A").op(op).build())).isEqualTo(executor);
  }

  @Test
  void whatTheStageSaysWins() {
    assertThat(executor(Stage.builder("A").op("chem.f").executor("typed").build()))
        .isEqualTo("typed");
    assertThat(
            executor(Stage.builder("A").op("chem.f").executor("LocalExecutor").build()))
        .isNull();
    assertThat(executor(Stage.builder("A").op("chem.f").backend("dask").build()))
        .isNull();
  }

  @Test
  void whatTheWorkflowBringsAlongIsNoWorker() {
    assertThat(executor(Stage.builder("A").run(context -> 1).build())).isNull();
  }

  @Test
  void aRangeThatNothingIsInMatchesNothing() {
    assertThat(WorkerAssignments.matches("[z-a].f", "b.f")).isFalse();
    assertThat(WorkerAssignments.matches("a.f", "a.f")).as("no pattern").isFalse();
  }

  @Test
  void callsStayOnThisMachineWhateverTheBackendIs() {
    Workflow workflow =
        Workflow.builder().stage(Stage.builder("A").op("w.f").build()).build();
    Plan plan = Planner.plan(
        workflow,
        java.util.List.of(dev.muster.execution.Layer.of(
            "w", EXECUTION.toBuilder().backend("dask").assignment("w", "shell").build())),
        new Machine(2, dev.muster.resource.MemorySize.parse("4GB")));
    assertThat(plan.stage("A").route().backend()).isEqualTo("local");
  }
}
