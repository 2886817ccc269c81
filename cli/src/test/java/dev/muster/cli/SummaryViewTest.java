package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Layer;
import dev.muster.plan.Plan;
import dev.muster.plan.Planner;
import dev.muster.run.FailureKind;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskFailure;
import dev.muster.run.TaskOutput;
import dev.muster.run.TaskResult;
import dev.muster.run.TaskStatus;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SummaryViewTest {
  private static final Path DIRECTORY = Path.of(".muster/runs/dimuon-20260102-030405");

  static TaskResult failure(String name, FailureKind kind, String message) {
    return new TaskResult(
        0,
        name,
        TaskStatus.FAILED,
        3,
        "default",
        "default-1",
        Samples.START,
        Duration.ofSeconds(1),
        TaskOutput.missing(message),
        TaskFailure.of(kind, message),
        Map.of());
  }

  private static List<String> render(Plan plan, RunStatus status, TaskResult... failures) {
    RunResult result = FakeRun.result(plan, status, List.of(failures), DIRECTORY);
    return SummaryView.render(plan, result, DIRECTORY, false, Style.ASCII);
  }

  @Test
  void saysWhatWasDone() {
    Golden.assertMatches("summary-done.txt", render(Samples.plan(), RunStatus.SUCCEEDED));
  }

  @Test
  void saysWhatFailedAndWhatToDo() {
    String log =
        IntStream.range(0, 60).mapToObj(i -> "log line " + i).collect(Collectors.joining("\n"));
    Golden.assertMatches(
        "summary-failed.txt",
        render(
            Samples.plan(),
            RunStatus.FAILED,
            failure("BuildIndex/ttbar.0", FailureKind.OPERATION, "exit code 3\n" + log),
            failure("BuildIndex/ttbar.1", FailureKind.OUT_OF_MEMORY, "needed 200GB")));
  }

  @Test
  void saysThatItWasCancelled() {
    Golden.assertMatches("summary-cancelled.txt", render(Samples.plan(), RunStatus.CANCELLED));
  }

  @Test
  void saysWhyTheRunAsAWholeFailed() {
    Plan plan = Samples.plan();
    RunResult result = new RunResult(
        RunStatus.FAILED,
        Duration.ofMillis(900),
        Map.of(),
        List.of(),
        new IllegalStateException("the scheduler did not start\nits log: ..."),
        null,
        null);
    assertThat(SummaryView.render(plan, result, null, false, Style.ASCII))
        .contains("  | the scheduler did not start", "  | its log: ...");
  }

  @Test
  void advisesToKeepGoingOnlyWhereThatHelps() {
    Workflow workflow = Workflow.builder()
        .name("fork")
        .dataset("d", "a")
        .stage("Bad", stage -> stage.op("x"))
        .stage("After", stage -> stage.op("x").needs("Bad"))
        .stage("Free", stage -> stage.op("x").needs())
        .build();
    TaskResult bad = failure("Bad/d.0", FailureKind.OPERATION, "no");
    List<Layer> layers = List.of(Layer.of("test", Samples.execution()));
    assertThat(render(Planner.plan(workflow, layers, Samples.MACHINE), RunStatus.FAILED, bad))
        .last()
        .isEqualTo("next:          --keep-going runs all tasks that need no failed one");
    assertThat(render(
            Samples.plan(),
            RunStatus.FAILED,
            failure("BuildIndex/ttbar.0", FailureKind.OPERATION, "no")))
        .noneMatch(line -> line.contains("--keep-going"));
  }

  @Test
  void listsTheFirstFailuresOnly() {
    List<TaskResult> failures = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      failures.add(failure("Select/ttbar." + i, FailureKind.TIMEOUT, "longer than 2 h"));
    }
    List<String> lines =
        render(Samples.plan(), RunStatus.FAILED, failures.toArray(TaskResult[]::new));
    assertThat(lines).filteredOn(line -> line.startsWith("Select/ttbar.")).hasSize(5);
    assertThat(lines).contains("and 3 more failed tasks");
  }

  @Test
  void listsFailedAndSlowestStagesOfMany() {
    Workflow.Builder workflow = Workflow.builder().name("many").dataset("d", "a", "b");
    for (int i = 0; i < 200; i++) {
      workflow.stage("S" + i, stage -> stage.op("x"));
    }
    Plan plan = Planner.plan(
        workflow.build(), List.of(Layer.of("test", Samples.execution())), Samples.MACHINE);
    List<String> lines =
        render(plan, RunStatus.FAILED, failure("S150/d.0", FailureKind.OPERATION, "no"));
    assertThat(lines).hasSizeLessThan(30);
    assertThat(lines).anyMatch(line -> line.contains("S150 "));
    assertThat(lines).contains("  and 189 more stages");
  }

  @ParameterizedTest
  @EnumSource
  void everyKindOfFailureHasWords(FailureKind kind) {
    assertThat(SummaryView.words(kind)).isNotBlank();
    assertThat(render(Samples.plan(), RunStatus.FAILED, failure("Select/ttbar.0", kind, "why")))
        .contains(
            "Select/ttbar.0 " + SummaryView.words(kind) + " on default, 3 attempts", "  | why");
  }
}
