package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskFailure;
import dev.muster.run.TaskResult;
import dev.muster.spi.Backend;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Registry;
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
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * That the built-in modifiers in Python mean the same on every backend, alone and in any order with those of the
 * user, and that what cannot be meant is refused with the same words: extend it and say which backend.
 *
 * <pre>{@code
 * class MyBuiltInModifiersTest extends BuiltInModifiersContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>CuPy and Numba are stand-ins, so no GPU is needed. The backend must carry out Python functions and commands. The
 * folder is JUnit's temporary one, which the workers must see. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class BuiltInModifiersContract {
  private static final String MODULE = "gpu_ops";
  private static final List<String> FILES =
      List.of(MODULE + ".py", "cupy.py", "numba/__init__.py", "numba/cuda.py");
  private static final String NOTHING = "nothing"; // no CuPy and no Numba
  private static final String ABSENT = "raise ImportError(__name__ + ' is not here')\n";
  private static final Set<String> NOTED = Set.of("wall_seconds", "cpu_seconds");

  @TempDir
  Path folder;

  /** Creates the tests. */
  protected BuiltInModifiersContract() {}

  /** A stage that runs: how many devices it finds, and what comes of it. */
  private record Row(
      String name,
      String devices,
      String function,
      List<Modifier> modifiers,
      Consumer<TaskResult> check) {}

  /** A stage that is refused, and the end of what is said. */
  private record Refused(String name, Consumer<Stage.Builder> change, String says) {}

  private static Modifier modifier(String name, Object... params) {
    Map<String, @Nullable Object> given = new LinkedHashMap<>();
    for (int i = 0; i < params.length; i += 2) {
      given.put((String) params[i], params[i + 1]);
    }
    return new Modifier(name, given);
  }

  private static Consumer<TaskResult> returns(Object output, String... noted) {
    return task -> {
      assertThat(task.failure()).isNull();
      assertThat(task.value()).isEqualTo(output);
      assertThat(task.diagnostics().keySet()).contains(noted);
    };
  }

  private static Consumer<TaskResult> fails(FailureKind kind, String says) {
    return task -> {
      TaskFailure failure = Objects.requireNonNull(task.failure());
      assertThat(failure.kind()).isEqualTo(kind);
      assertThat(failure.message()).containsPattern(says);
    };
  }

  private static final Modifier ARRAYS = Modifier.of("arrays");
  private static final Modifier PRELOAD = Modifier.of("gpu.preload");
  private static final Modifier PROFILE = Modifier.of("profile");
  private static final Modifier DIAGNOSTICS = Modifier.of("diagnostics");

  private static final List<Row> ROWS = List.of(
      new Row(
          "preload",
          "1",
          "types",
          List.of(ARRAYS, PRELOAD),
          returns(List.of("OnDevice", "int", "OnDevice"), "gpu.preload")),
      new Row(
          "preload-one",
          "1",
          "types",
          List.of(ARRAYS, modifier("gpu.preload", "fields", List.of("pt"))),
          returns(List.of("OnDevice", "int", "Array"), "gpu.preload")),
      new Row(
          "preload-what-is-not-there",
          "1",
          "types",
          List.of(ARRAYS, modifier("gpu.preload", "fields", "eta")),
          fails(FailureKind.OPERATION, "there is no field eta; there are events, n, other, pt")),
      new Row(
          "preload-without-a-device",
          "0",
          "types",
          List.of(ARRAYS, PRELOAD),
          fails(
              FailureKind.ENVIRONMENT,
              "the modifier gpu.preload needs a CUDA device on its worker: there is no device;")),
      new Row(
          "preload-without-cupy",
          NOTHING,
          "types",
          List.of(PRELOAD),
          fails(
              FailureKind.ENVIRONMENT,
              "the modifier gpu.preload needs the Python package cupy on its worker \\(.+\\): cupy is"
                  + " not here; install it there")),
      new Row(
          "compile",
          "1",
          "launch",
          List.of(modifier(
              "cuda.jit",
              "functions",
              List.of("kernel", MODULE + ":helper"),
              "device",
              MODULE + ":helper")),
          returns(List.of("kernel compiled", "helper compiled for the device"), "cuda.jit")),
      new Row(
          "compile-without-a-device",
          "0",
          "launch",
          List.of(modifier("cuda.jit", "functions", "kernel")),
          fails(
              FailureKind.ENVIRONMENT,
              "the modifier cuda.jit needs a CUDA device on its worker: Numba finds none \\(no"
                  + " driver in this test\\);")),
      new Row(
          "compile-without-numba",
          NOTHING,
          "launch",
          List.of(modifier("cuda.jit", "functions", "kernel")),
          fails(
              FailureKind.ENVIRONMENT,
              "the modifier cuda.jit needs the Python package numba.cuda on its worker \\(.+\\):"
                  + " numba is not here; install it there")),
      new Row(
          "measured-inside",
          "1",
          "plain",
          List.of(ARRAYS, PROFILE, DIAGNOSTICS),
          BuiltInModifiersContract::measured),
      new Row(
          "measured-outside",
          "1",
          "plain",
          List.of(PROFILE, DIAGNOSTICS, ARRAYS),
          BuiltInModifiersContract::measured),
      new Row(
          "measured-between",
          "1",
          "plain",
          List.of(DIAGNOSTICS, ARRAYS, PROFILE),
          BuiltInModifiersContract::measured),
      new Row(
          "command",
          "1",
          "",
          List.of(ARRAYS, PROFILE, DIAGNOSTICS),
          BuiltInModifiersContract::measured));

  private static final List<Refused> REFUSED = List.of(
      new Refused(
          "preload-a-command",
          stage -> stage.op("shell").param("command", "true").modifier("gpu.preload"),
          "modifiers[0]: the modifier 'gpu.preload' prepares values for Python code"),
      new Refused(
          "compile-a-command",
          stage -> stage
              .op("shell")
              .param("command", "true")
              .modifier(modifier("cuda.jit", "functions", "f")),
          "modifiers[0]: the modifier 'cuda.jit' prepares functions for Python code"),
      new Refused(
          "preload-with-what",
          stage -> python(stage).modifier(modifier("gpu.preload", "feilds", "x")),
          "modifiers[0]: the modifier gpu.preload has no parameter 'feilds'; did you mean"),
      new Refused(
          "preload-or-else",
          stage -> python(stage).modifier(modifier("gpu.preload", "on_missing", "panic")),
          "modifiers[0]: the parameter 'on_missing' must be error, warn or ignore, got 'panic'"),
      new Refused(
          "compile-nothing",
          stage -> python(stage).modifier("cuda.jit"),
          "modifiers[0]: cuda.jit needs the parameter 'functions'"),
      new Refused(
          "compile-a-number",
          stage -> python(stage).modifier(modifier("cuda.jit", "functions", List.of(1))),
          "modifiers[0]: the parameter 'functions' must be a name or a list of names"),
      new Refused(
          "profile-with-what",
          stage -> python(stage).modifier(modifier("profile", "depth", 1)),
          "modifiers[0]: the modifier profile has no parameters, got depth"),
      new Refused(
          "profile-inside-with-what",
          stage -> python(stage).modifier("arrays").modifier(modifier("profile", "depth", 1)),
          "modifiers[1]: the modifier profile has no parameters, got depth"));

  private static Stage.Builder python(Stage.Builder stage) {
    return stage.op("python").param("callable", MODULE + ":plain");
  }

  private static void measured(TaskResult task) {
    assertThat(task.failure()).isNull();
    assertThat(task.diagnostics().keySet()).containsAll(NOTED).contains("host", "os", "inputs");
    assertThat(
            ((Number) Objects.requireNonNull(task.diagnostics().get("wall_seconds"))).doubleValue())
        .isPositive();
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
  Stream<DynamicTest> theyMeanTheSameEverywhere() throws IOException {
    for (String file : FILES) {
      copy(file, folder.resolve(file));
    }
    return results(ROWS.stream().filter(row -> !row.devices().equals(NOTHING)).toList());
  }

  @TestFactory
  Stream<DynamicTest> whatIsMissingIsToldEverywhere() throws IOException {
    copy(MODULE + ".py", folder.resolve(MODULE + ".py"));
    Files.writeString(folder.resolve("cupy.py"), ABSENT);
    Files.writeString(folder.resolve("numba.py"), ABSENT);
    return results(ROWS.stream().filter(row -> row.devices().equals(NOTHING)).toList());
  }

  private static void copy(String file, Path to) throws IOException {
    try (InputStream in = Objects.requireNonNull(
        BuiltInModifiersContract.class.getResourceAsStream("gpu/" + file), file)) {
      Files.createDirectories(to.getParent());
      Files.copy(in, to);
    }
  }

  private Stream<DynamicTest> results(List<Row> rows) {
    RunResult result = run(rows.stream().map(BuiltInModifiersContract::stage).toList());
    return rows.stream()
        .map(row -> dynamicTest(
            row.name(),
            () -> row.check().accept(result.stage(row.name()).tasks().get(0))));
  }

  @TestFactory
  Stream<DynamicTest> whatCannotBeIsRefusedEverywhere() {
    return REFUSED.stream()
        .map(row -> dynamicTest(row.name(), () -> {
          Stage.Builder stage = Stage.builder(row.name());
          row.change().accept(stage);
          Workflow workflow = workflow(List.of(stage.build()));
          try (Run run = Muster.start(workflow, execution(), options("refused-" + row.name()))) {
            throw new AssertionError("nothing is wrong, and " + run + " began");
          } catch (WorkflowException e) {
            assertThat(e.problems()).hasSize(1);
            assertThat(e.problems().get(0).toString())
                .startsWith("stage " + row.name() + ".execution." + row.says());
          }
        }));
  }

  private static Stage stage(Row row) {
    Stage.Builder stage = Stage.builder(row.name()).needs();
    if (row.function().isEmpty()) {
      stage.op("shell").param("command", "true");
    } else {
      stage.op("python").param("callable", MODULE + ":" + row.function());
    }
    row.modifiers().forEach(stage::modifier);
    return stage
        .environment(environment -> environment.variable("FAKE_DEVICES", row.devices()))
        .build();
  }

  private Workflow workflow(List<Stage> stages) {
    Workflow.Builder workflow = Workflow.builder()
        .baseDirectory(folder)
        .registry(new Registry(Map.of(), Map.of("arrays", MODULE + ":Arrays")));
    stages.forEach(workflow::stage);
    return workflow.build();
  }

  private Execution execution() {
    Execution.Builder execution =
        Execution.builder().backend(backend().name()).pool("default", pool -> pool.workers(1));
    configure(execution);
    return execution.build();
  }

  private RunOptions options(String directory) {
    return RunOptions.builder()
        .backend(backend())
        .keepGoing(true)
        .directory(folder.resolve(directory))
        .build();
  }

  private RunResult run(List<Stage> stages) {
    try (Run run = Muster.start(workflow(stages), execution(), options("run"))) {
      RunResult result = run.await(patience());
      if (result == null) {
        throw new AssertionError("the run does not end within " + patience());
      }
      return result;
    }
  }
}
