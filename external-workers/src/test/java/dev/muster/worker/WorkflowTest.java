package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.RunResult;
import dev.muster.run.TaskFailure;
import dev.muster.value.FileRef;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls of workers as stages of workflows. */
class WorkflowTest {
  // The example of FAST-HEP's page, with custom_b for its misprint custom+b.
  private static final String SEED = """
      analysis:
        stages:
          - id: Greet
            op: worker_a.greet
            needs: []
            params: {inputs: {greeting: hello, subject: world}}
          - id: Upper
            op: worker_b.upper
            from: [{node: Greet, port: value, as: text}]
            params: {outputs: {value: json}}
          - id: Count
            op: worker_c.count
            from: [{node: Upper, port: value, as: text}]
            params: {outputs: {value: json}}
      execution:
        executors:
          default: {type: shell, config: {registry: workers}}
          custom_a: {type: ShellExecutor, config: {registry: [nowhere, workers]}}
          custom_b: {type: StdInOut, config: {registry: workers}}
        assignments: {worker_a: custom_a, worker_b: custom_b}
      """;

  @TempDir
  Path folder;

  private Path run;

  @BeforeEach
  void workers() throws IOException {
    run = folder.resolve("the run");
    worker("worker_a/main.sh", """
        #!/bin/bash
        set -eu
        strip() { sed 's/"//g' "$1"; }
        printf '"%s %s"' "$(strip "$input_greeting_file")" "$(strip "$input_subject_file")" >"$output_value_file"
        """);
    worker("worker_b", "#!/bin/sh\nexec tr a-z A-Z\n");
    worker("worker_c/tkr_worker_c_impl/main.sh", """
        #!/bin/sh
        echo "counting" >&2
        printf %d "$(wc -c <"$input_text_file")" >"$output_value_file"
        """);
  }

  private void worker(String path, String text) throws IOException {
    Path file = folder.resolve("workers").resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private RunResult run(String yaml) throws Exception {
    return run(yaml, RunOptions.builder().directory(run).keepValues(true).build());
  }

  private RunResult run(String yaml, RunOptions options) throws Exception {
    WorkflowFile file = Workflows.fromYaml(Files.writeString(folder.resolve("w.yaml"), yaml));
    try (var running = Muster.start(file, options)) {
      return running.await();
    }
  }

  private static TaskFailure failure(RunResult result) {
    return Objects.requireNonNull(result.failures().get(0).failure());
  }

  @Test
  void runsTheExampleOfThePage() throws Exception {
    RunResult result = run(SEED);
    assertThat(result.succeeded()).as(result::toString).isTrue();
    assertThat(result.stage("Upper").value()).isEqualTo(Map.of("value", "HELLO WORLD"));
    assertThat(result.stage("Count").value()).isEqualTo(Map.of("value", 13L));
    assertThat(result.stage("Greet").value())
        .isEqualTo(Map.of("value", FileRef.of(run.resolve("Greet/outputs/value"))));
    assertThat(run.resolve("Upper/definition")).hasContent("""
        {"function_name":"upper","inputs":{"text":"Greet/outputs/value"},\
        "outputs":{"value":"Upper/outputs/value"},"output_dir":"Upper/outputs",\
        "done_path":"Upper/_done","error_path":"Upper/_error","logs_path":"Upper/logs"}""");
    assertThat(run.resolve("Greet/definition"))
        .content()
        .contains("\"greeting\":\"Greet/inputs/greeting\"");
    assertThat(run.resolve("Count/stderr")).hasContent("counting");
    assertThat(run.resolve("Count/_done")).isEmptyFile();
    assertThat(run.resolve("Count/nodedef")).content().contains("worker_c.count");
  }

  @Test
  void theSameInTheBuilderWithFunctionsAndAnExecutorOfOnesOwn() throws Exception {
    Workflow workflow = Workflow.builder()
        .baseDirectory(folder)
        .stage("Greet")
        .op("worker_a.greet")
        .needs()
        .param("inputs", Map.of("greeting", "hello", "subject", "world"))
        .stage("Length")
        .op("java.length")
        .from(List.of(new StageInput("Greet", "value", "text")))
        .param("outputs", Map.of("n", "json"))
        .stage("Twice")
        .op("mine.twice")
        .from(List.of(new StageInput("Length", "n", null)))
        .param("outputs", Map.of("value", "json"))
        .build();
    Execution execution = Execution.builder()
        .executor("custom_a", "shell", Map.of("registry", "workers"))
        .assignment("worker_a", "custom_a")
        .assignment("java", "memory")
        .assignment("mine.*", "custom_c")
        .build();
    Executor mine = (launcher, file) -> {
      WorkerCall call = WorkerCall.read(file);
      Path base = call.directory(file);
      long n = (Long) WorkerValues.read(base.resolve(call.inputs().get("n")));
      return CompletableFuture.runAsync(() -> {
        try {
          Files.writeString(base.resolve(call.outputs().get("value")), String.valueOf(2 * n));
          Files.createFile(base.resolve(call.donePath()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    };
    RunOptions options = RunOptions.builder()
        .plugin(Executor.named("custom_c", mine))
        .plugin(WorkerFunctions.of(
            "java",
            Map.of(
                "length",
                inputs -> Map.of("n", inputs.get("text").toString().length(), "more", 1))))
        .build();
    try (var running = Muster.start(workflow, execution, options)) {
      RunResult result = running.await();
      assertThat(result.succeeded()).as(result::toString).isTrue();
      assertThat(result.stage("Twice").value()).isEqualTo(Map.of("value", 22L));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "worker_b: custom_b | worker_b: 'custom+b' | w.yaml:20:47: execution.assignments.worker_b: there is no executor 'custom+b'; did you mean 'custom_b'?",
        "type: StdInOut | type: StdInOutt | did you mean 'StdInOut'",
        "type: StdInOut | type: pbs | runs workers as jobs of the strategy 'pbs', and nothing",
        "type: StdInOut | type: MultipleExecutor | has no option 'registry'",
        "op: worker_c.count | op: worker_d.count | there is no worker 'worker_d'",
        "{type: StdInOut | {type: StdInOut, backend: dask | leave 'backend' out",
        "default: {type: shell, config: {registry | default: {type: shell, config: {registri | did you mean 'registry'",
        "config: {registry: [nowhere, workers]} | config: {registry: workers, contract: 3} | 'contract' must be 1",
        "params: {inputs: {greeting | params: {input: {greeting | did you mean 'inputs'",
        "{outputs: {value: json}}~    - id: Count | {outputs: [x]}~    - id: Count | 'outputs' has no 'value', which another stage reads",
        "as: text}]~      params: {outputs: {value: json}}~    - id | as: a/b}]~      params: {outputs: {value: json}}~    - id | cannot be a port",
      })
  void whatIsWrongIsToldBeforeTheStart(String part, String instead, String message) {
    String from = part.replace("~", "\n");
    assertThat(SEED).contains(from);
    assertThatThrownBy(() -> run(SEED.replaceFirst(
            java.util.regex.Pattern.quote(from),
            java.util.regex.Matcher.quoteReplacement(instead.replace("~", "\n")))))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining(message.strip());
    assertThat(run).doesNotExist();
  }

  private static final String ONE = """
      analysis:
        stages:
          - {id: A, op: w.f, params: {outputs: {value: json}}, execution: {%s}}
      execution:
        assignments: {w: shell}
        config: {registry: workers}
      """;

  @Test
  void aFailureHasExitCodeAndLog() throws Exception {
    worker("w", "#!/bin/sh\necho too bad >&2\nexit 7\n");
    RunResult result = run(ONE.formatted(""));
    assertThat(result.succeeded()).isFalse();
    assertThat(failure(result).message())
        .contains("the worker w.f failed with exit code 7")
        .contains("too bad");
    assertThat(run.resolve("A/_error")).exists();
  }

  @Test
  void anAttemptThatIsOutOfTimeCannotWriteOverTheNext() throws Exception {
    // The first attempt hears of its end, and writes what it can with the paths that it was given.
    worker("w", """
        #!/bin/bash
        if mkdir "$TKR_DIR/first"; then
          trap 'echo 1 >"$output_value_file"; : >"$done_path"; exit 0' TERM
          sleep 60 & wait
        fi
        sleep 0.5
        echo 2 >"$output_value_file"
        """);
    RunResult result = run(ONE.formatted("timeout: 2s, retry: 1"));
    assertThat(result.succeeded()).as(result::toString).isTrue();
    assertThat(result.stage("A").value()).isEqualTo(Map.of("value", 2L));
    assertThat(run.resolve("A/attempt-2/definition")).exists();
  }

  @Test
  void aTimeoutEndsTheWorkerAndAllThatItStarted() throws Exception {
    worker("w", "#!/bin/bash\nsleep 300 & echo $! >\"$TKR_DIR/pid\"; wait\n");
    RunResult result = run(ONE.formatted("timeout: 2s"));
    assertThat(failure(result).kind()).isEqualTo(FailureKind.TIMEOUT);
    long pid = Long.parseLong(Files.readString(run.resolve("pid")).strip());
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void aResumedRunCallsOnlyWorkersThatChanged() throws Exception {
    assertThat(run(SEED).succeeded()).isTrue();
    RunOptions again = RunOptions.builder().resume(run).build();
    String first = Files.getLastModifiedTime(run.resolve("Greet/_done")).toString();
    worker("worker_c/tkr_worker_c_impl/main.sh", "#!/bin/sh\nprintf 5 >\"$output_value_file\"\n");
    RunResult result = run(SEED, again);
    assertThat(result.stage("Count").value()).isEqualTo(Map.of("value", 5L));
    assertThat(Files.getLastModifiedTime(run.resolve("Greet/_done")).toString()).isEqualTo(first);
    Path hidden = folder.resolve("workers/worker_c/tkr_worker_c_impl/.settings");
    Files.writeString(hidden, "6");
    worker(
        "worker_c/tkr_worker_c_impl/main.sh",
        "#!/bin/sh\ncat '" + hidden + "' >\"$output_value_file\"\n");
    assertThat(run(SEED, again).stage("Count").value()).isEqualTo(Map.of("value", 6L));
    Files.writeString(hidden, "77");
    assertThat(run(SEED, again).stage("Count").value()).isEqualTo(Map.of("value", 77L));
  }

  @Test
  void valuesThatAreNoneAreTold() throws Exception {
    worker("w", "#!/bin/sh\necho '{' >\"$output_value_file\"\n");
    RunResult result = run(ONE.formatted(""));
    assertThat(failure(result).message())
        .contains("the output 'value' of the worker w.f is not JSON");
    assertThat(failure(result).kind()).isEqualTo(FailureKind.SERIALIZATION);
  }
}
