package dev.muster.examples.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plugins as users meet them: found by their names, in real runs. */
@Timeout(120)
class PluginsEndToEndTest {
  @TempDir
  Path directory;

  @Test
  void aRunGoesThroughTheForkJoinBackend() {
    Workflow workflow = Workflow.builder()
        .stage("Numbers", stage -> stage.run(context -> 21))
        .stage(
            "Double",
            stage -> stage.run(
                context -> context.input("Numbers", Integer.class) * 2 + " on " + context.worker()))
        .build();
    Execution execution = Execution.builder()
        .backend("fork-join")
        .pool("default", pool -> pool.workers(2))
        .build();
    RunResult result = run(workflow, execution);
    assertThat(result.orThrow().stage("Double").value()).asString().matches("42 on default-\\d");
  }

  @Test
  void aRunGoesThroughShellJobsOnTheNiceStrategy() throws IOException {
    Workflow workflow = Workflow.builder()
        .baseDirectory(directory)
        .stage("Write", stage -> stage.op("shell").param("command", "echo 42 > number"))
        .stage("Read", stage -> stage.op("shell").param("command", "nice; cat number"))
        .build();
    Execution execution = Execution.builder()
        .backend("shell-jobs")
        .strategy("nice")
        .config("nice", 5)
        .pool("default", pool -> pool.workers(1))
        .build();
    Path run = directory.resolve("run");
    RunOptions options = RunOptions.builder().directory(run).build();
    try (Run started = Muster.start(workflow, execution, options)) {
      FileRef output = (FileRef) started.await().orThrow().stage("Read").value();
      List<String> lines = Files.readAllLines(output.path());
      assertThat(Integer.parseInt(lines.get(0))).isGreaterThanOrEqualTo(5);
      assertThat(lines.get(1)).isEqualTo("42");
    }
  }

  @Test
  void aFailedJobFailsTheRun() {
    Workflow workflow = Workflow.builder()
        .stage("Fail", stage -> stage.op("shell").param("command", "exit 9"))
        .build();
    Execution execution = Execution.builder()
        .backend("shell-jobs")
        .strategy("nice")
        .pool("default", pool -> pool.workers(1))
        .build();
    RunResult result = run(workflow, execution);
    assertThat(result.failures()).singleElement().satisfies(task -> {
      assertThat(task.failure().kind()).isEqualTo(FailureKind.OPERATION);
      assertThat(task.failure().message()).contains("exit code 9");
    });
  }

  @Test
  void theModifierFailsATaskWithoutOutput() {
    Workflow workflow = Workflow.builder()
        .stage("Empty", stage -> stage.run(context -> List.of()).modifier("expect.output"))
        .build();
    RunResult result = run(workflow, Execution.local());
    assertThat(result.failures())
        .singleElement()
        .satisfies(task -> assertThat(task.failure().message()).contains("Empty returned nothing"));
  }

  private static RunResult run(Workflow workflow, Execution execution) {
    try (Run run = Muster.start(workflow, execution)) {
      return run.await();
    }
  }
}
