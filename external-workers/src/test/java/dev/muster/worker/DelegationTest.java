package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Executors of type multiple and task, which hand calls to others. */
class DelegationTest {
  private static final String MULTIPLE = """
      analysis:
        stages:
          - {id: A, op: worker_a.f, params: {inputs: {text: x}, outputs: {value: json}}}
          - {id: B, op: worker_b.f, params: {inputs: {text: x}, outputs: {value: json}}}
          - {id: C, op: worker_c.slow, params: {inputs: {text: x}, outputs: {value: json}}, execution: {executor: by_task}}
      execution:
        executors:
          default:
            type: MultipleExecutor
            config:
              default: default_executor
              executors: {custom_a: scripts, custom_b: filters}
              assignments: {worker_a: custom_a, worker_b: custom_b}
          by_task: {type: task, config: {assignments: {'*.slow': default, 'worker_?.f': filters}}}
          default_executor: {type: shell, config: {registry: workers, env: {BY: default}}}
          scripts: {type: shell, config: {registry: workers, env: {BY: scripts}}}
          filters: {type: stdinout, pool: narrow, config: {registry: workers, env: {BY: filters}}}
        pools: {narrow: {workers: 1}}
      """;

  @TempDir
  Path folder;

  private Runs runs;

  @BeforeEach
  void workers() throws IOException {
    runs = new Runs(folder);
    String script = "#!/bin/sh\nprintf '\"%s\"' \"$BY\" >\"$output_value_file\"\n";
    runs.worker("worker_a", script);
    runs.worker("worker_b", "#!/bin/sh\nprintf '\"%s\"' \"$BY\"\n");
    runs.worker("worker_c", script);
  }

  @Test
  void multipleHandsWorkersByNameAndTaskByPattern() throws Exception {
    RunResult result = runs.run(MULTIPLE);
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    assertThat(result.stage("A").value()).isEqualTo(Map.of("value", "scripts"));
    assertThat(result.stage("B").value()).isEqualTo(Map.of("value", "filters"));
    assertThat(result.stage("C").value())
        .as("by_task, then default, then default_executor")
        .isEqualTo(Map.of("value", "default"));
  }

  @Test
  void theSameInTheBuilderWithNamesOfMuster() throws Exception {
    Workflow workflow = Workflow.builder()
        .baseDirectory(folder)
        .stage("A")
        .op("worker_a.f")
        .needs()
        .param("outputs", Map.of("value", "json"))
        .build();
    Execution execution = Execution.builder()
        .executor(
            "default",
            "task",
            Map.of("assignments", Map.of("worker_a.*", "shell"), "registry", "workers"))
        .build();
    RunOptions options = runs.options().build();
    assertThatThrownBy(() -> Muster.start(workflow, execution, options).close())
        .hasMessageContaining("has no option 'registry'");
    Execution right = Execution.builder()
        .executor("default", "task", Map.of("assignments", Map.of("worker_a.*", "shell")))
        .config("registry", "workers")
        .config("env", Map.of("BY", "shell"))
        .build();
    try (var running = Muster.start(workflow, right, options)) {
      assertThat(running.await().stage("A").value()).isEqualTo(Map.of("value", "shell"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "default: default_executor | default: nobody | there is no executor 'nobody'",
        "custom_a: scripts | custom_a: script | did you mean 'scripts'",
        "'*.slow': default | '*.fast': default | none of its patterns [*.fast, worker_?.f] fits",
        "default: default_executor | fallback: default_executor | has no option 'fallback'",
        "executors: {custom_a: scripts | executors: {custom_a: {type: shell} | must be the name of an executor",
        "type: task, config | type: task, pool: narrow, config | give 'pool' to the executors",
        "{assignments: {'*.slow': default, 'worker_?.f': filters}} | {} | needs 'assignments'",
        "default: default_executor | default: by_task | hand calls round in a circle",
      })
  void whatIsWrongIsToldBeforeTheStart(String part, String instead, String message) {
    assertThat(MULTIPLE).contains(part);
    assertThatThrownBy(() -> runs.run(MULTIPLE.replace(part, instead)))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("w.yaml:");
    assertThat(runs.run).doesNotExist();
  }

  @Test
  void oneThatHandsCallsOnNeedsADescription() {
    String bare =
        "analysis:\n  stages: [{id: A, op: w.f}]\nexecution:\n  assignments: {w: multiple}\n";
    assertThatThrownBy(() -> runs.run(bare))
        .hasMessageContaining("describe it in execution.executors");
  }
}
