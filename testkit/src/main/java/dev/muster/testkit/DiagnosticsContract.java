package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.code.StageCode;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskResult;
import dev.muster.spi.Backend;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * That the modifiers {@code diagnostics} and {@code profile} note the same on every backend: extend it and say which
 * backend.
 *
 * <pre>{@code
 * class MyDiagnosticsTest extends DiagnosticsContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>Functions in Python return a value of each type; a Python function, a command and Java code read them all, as far
 * as the backend
 * {@linkplain Backend#carries carries them out}. The folder is JUnit's temporary one, which the workers must see. Not
 * thread-safe.
 *
 * @since 0.1
 */
public abstract class DiagnosticsContract {
  private static final String MODULE = "noted";
  private static final Map<String, Map<String, Object>> INPUTS = inputs();

  @TempDir
  Path folder;

  /** Creates the tests. */
  protected DiagnosticsContract() {}

  /** A stage that reads the values, and what is noted of it besides what is noted of all. */
  private record Row(
      String name, StageCode.Kind code, Consumer<Stage.Builder> change, Set<String> more) {}

  private static final List<Row> ROWS = List.of(
      new Row(
          "function",
          StageCode.Kind.PYTHON,
          stage -> stage.op("python").param("callable", MODULE + ":reads"),
          Set.of("python")),
      new Row(
          "command",
          StageCode.Kind.SHELL,
          stage -> stage.op("shell").param("command", "true"),
          Set.of()),
      new Row("operation", StageCode.Kind.JAVA, stage -> stage.run(context -> 1), Set.of("java")));

  private static Map<String, Map<String, Object>> inputs() {
    Map<String, Map<String, Object>> inputs = new LinkedHashMap<>();
    inputs.put("nothing", Map.of("type", "null"));
    inputs.put("boolean", Map.of("type", "boolean"));
    inputs.put("number", Map.of("type", "number"));
    inputs.put("text", Map.of("type", "text", "bytes", 2L));
    inputs.put("some_bytes", Map.of("type", "bytes", "bytes", 3L));
    inputs.put("a_list", Map.of("type", "list", "items", 2L));
    inputs.put("mapping", Map.of("type", "mapping", "items", 1L));
    inputs.put("file", Map.of("type", "file", "bytes", 4L));
    return inputs;
  }

  /** Returns a new backend to test. */
  protected abstract Backend backend();

  /** Returns how long the run may take, starting the worker included. Default: 2 minutes. */
  protected Duration patience() {
    return Duration.ofMinutes(2);
  }

  /** Adds what executions of this backend need: a strategy, options, an environment. Default: nothing. */
  protected void configure(Execution.Builder execution) {}

  @TestFactory
  Stream<DynamicTest> theSameIsNotedEverywhere() throws IOException {
    try (InputStream functions = Objects.requireNonNull(
        DiagnosticsContract.class.getResourceAsStream(MODULE + ".py"), MODULE)) {
      Files.copy(functions, folder.resolve(MODULE + ".py"));
    }
    Backend backend = backend();
    List<Row> rows = ROWS.stream()
        .filter(row -> backend.carries().kinds().contains(row.code()))
        .toList();
    RunResult result = run(backend, rows);
    return rows.stream().map(row -> dynamicTest(row.name(), () -> check(row, result)));
  }

  private RunResult run(Backend backend, List<Row> rows) {
    Workflow.Builder workflow = Workflow.builder().baseDirectory(folder);
    for (String name : INPUTS.keySet()) {
      workflow.stage(Stage.builder(name)
          .op("python")
          .param("callable", MODULE + ":" + name)
          .needs()
          .build());
    }
    for (Row row : rows) {
      Stage.Builder stage = Stage.builder(row.name()).needs(INPUTS.keySet().toArray(String[]::new));
      row.change().accept(stage);
      workflow.stage(stage.modifier("diagnostics").modifier("profile").build());
    }
    Execution.Builder execution =
        Execution.builder().backend(backend.name()).pool("default", pool -> pool.workers(1));
    configure(execution);
    RunOptions options = RunOptions.builder()
        .backend(backend)
        .keepGoing(true)
        .directory(folder.resolve("run"))
        .build();
    try (Run run = Muster.start(workflow.build(), execution.build(), options)) {
      RunResult result = run.await(patience());
      if (result == null) {
        throw new AssertionError("the run does not end within " + patience());
      }
      return result;
    }
  }

  private static void check(Row row, RunResult result) {
    TaskResult task = result.stage(row.name()).tasks().get(0);
    assertThat(task.failure()).isNull();
    Map<String, @Nullable Object> noted = new LinkedHashMap<>(task.diagnostics());
    // What a process cannot tell of itself is left out.
    noted.keySet().removeAll(Set.of("allocated_bytes", "peak_memory_bytes"));
    Set<String> expected = new TreeSet<>(row.more());
    expected.addAll(
        Set.of("host", "os", "pool", "worker", "attempt", "inputs", "wall_seconds", "cpu_seconds"));
    assertThat(new TreeSet<>(noted.keySet())).isEqualTo(expected);
    assertThat(String.valueOf(noted.get("host"))).isNotBlank();
    assertThat(String.valueOf(noted.get("os"))).matches("\\S+ \\S+ \\S+");
    if (row.more().contains("python")) {
      assertThat(String.valueOf(noted.get("python"))).matches("3\\.\\d+\\..*");
    }
    assertThat(noted.get("pool")).isEqualTo("default");
    assertThat(String.valueOf(noted.get("worker"))).startsWith("default-");
    assertThat(((Number) Objects.requireNonNull(noted.get("attempt"))).intValue())
        .isEqualTo(1);
    assertThat(noted.get("inputs")).isEqualTo(INPUTS);
    assertThat(((Number) Objects.requireNonNull(noted.get("wall_seconds"))).doubleValue())
        .isPositive();
  }
}
