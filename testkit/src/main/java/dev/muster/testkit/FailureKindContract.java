package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.code.StageCode;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskException;
import dev.muster.run.TaskResult;
import dev.muster.run.TaskStatus;
import dev.muster.spi.Backend;
import dev.muster.testkit.FailureCase.Outcome;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * How tasks fail on every backend, as one table: extend it and say which backend.
 *
 * <pre>{@code
 * class MyFailureKindTest extends FailureKindContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>Each row is a stage with {@code retry.max: 1} that fails in a way of its own: a command with an exit code or a
 * signal, a Python function that raises, ends its process or returns what cannot be passed on, or Java code that
 * throws. The kind of the failure, the exit code, the number of attempts and a part of the message have to be the
 * same everywhere. A backend passes the rows of the code that it {@linkplain Backend#carries carries out}.
 *
 * <p>An output that only Python functions can read does not fail its task: whoever else asks for it is told why not.
 *
 * <p>All rows run in one run, in JUnit's temporary folder, which the backend's workers must see. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class FailureKindContract {
  private static final String READER = "_is_read";

  @TempDir
  Path folder;

  /** Creates the tests. */
  protected FailureKindContract() {}

  /** Returns a new backend to test. */
  protected abstract Backend backend();

  /** Returns how long all rows may take, starting the workers included. Default: 2 minutes. */
  protected Duration patience() {
    return Duration.ofMinutes(2);
  }

  /** Adds what executions of this backend need: a strategy, options, an environment. Default: nothing. */
  protected void configure(Execution.Builder execution) {}

  /** Returns the code whose rows are run. Default: all that the backend {@linkplain Backend#carries carries out}. */
  protected Set<StageCode.Kind> codes() {
    return backend().carries().kinds();
  }

  @TestFactory
  Stream<DynamicTest> everyRowFailsAsTheTableSays() throws IOException {
    Backend backend = backend();
    Set<StageCode.Kind> codes = codes();
    List<FailureCase> cases =
        FailureCases.all().stream().filter(row -> codes.contains(row.code())).toList();
    assertThat(cases).isNotEmpty();
    writeFiles();
    RunResult result = run(backend, cases);
    return cases.stream().map(row -> dynamicTest(row.title(), () -> check(row, result)));
  }

  private void writeFiles() throws IOException {
    String module = FailureCase.MODULE + ".py";
    try (InputStream functions =
        Objects.requireNonNull(FailureKindContract.class.getResourceAsStream(module), module)) {
      Files.copy(functions, folder.resolve(module));
    }
    for (Map.Entry<String, String> broken : FailureCase.brokenModules().entrySet()) {
      Files.writeString(folder.resolve(broken.getKey()), broken.getValue());
    }
    Files.writeString(folder.resolve("plain-file"), "no program");
    Path script = Files.writeString(folder.resolve("script"), "#!/no/such/program\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  private RunResult run(Backend backend, List<FailureCase> cases) {
    Workflow.Builder workflow = Workflow.builder()
        .baseDirectory(folder)
        .registry(new Registry(Map.of(), FailureCase.modifiers()));
    for (FailureCase row : cases) {
      Stage.Builder stage = Stage.builder(row.name()).needs().retry(Retry.times(1));
      row.change().accept(stage);
      workflow.stage((row.endsWorker() ? stage.require(row.name()) : stage).build());
      if (row.read()) {
        workflow.stage(Stage.builder(row.name() + READER)
            .op("python")
            .param("callable", FailureCase.MODULE + ":read")
            .needs(row.name())
            .require("second")
            .build());
      }
    }
    try (Run run = Muster.start(workflow.build(), execution(backend, cases), options(backend))) {
      RunResult result = run.await(patience());
      if (result == null) {
        throw new AssertionError("the run does not end within " + patience());
      }
      return result;
    }
  }

  private Execution execution(Backend backend, List<FailureCase> cases) {
    Execution.Builder execution =
        Execution.builder().backend(backend.name()).pool("default", pool -> pool.workers(1));
    if (cases.stream().anyMatch(row -> row.code() == StageCode.Kind.PYTHON)) {
      execution.pool("second", pool -> pool.workers(1));
    }
    for (FailureCase row : cases) {
      if (row.endsWorker()) { // a pool that loses too many workers is given up
        execution.pool(row.name(), pool -> pool.workers(1));
      }
    }
    configure(execution);
    return execution.build();
  }

  private RunOptions options(Backend backend) {
    return RunOptions.builder()
        .backend(backend)
        .keepGoing(true)
        .directory(folder.resolve("run"))
        .build();
  }

  private void check(FailureCase row, RunResult result) {
    TaskResult task = result.stage(row.name()).tasks().get(0);
    Outcome expected = row.outcome();
    if (expected.kind() == null) {
      assertThat(task.status()).as("%s", task.failure()).isEqualTo(TaskStatus.SUCCEEDED);
      if (!expected.readable()) {
        assertThatExceptionOfType(TaskException.class)
            .isThrownBy(task::value)
            .withMessageContaining(expected.message())
            .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.SERIALIZATION));
      } else if (!row.read()) {
        assertThat(String.valueOf(task.value())).isEqualTo(expected.message());
      }
    } else {
      assertThat(task.failure()).isNotNull().satisfies(failure -> {
        assertThat(failure.kind()).as(failure.message()).isEqualTo(expected.kind());
        assertThat(failure.exitCode()).as(failure.message()).isEqualTo(expected.exitCode());
        assertThat(failure.message()).contains(expected.message());
      });
    }
    assertThat(task.attempts()).as("attempts").isEqualTo(expected.attempts());
    if (row.read()) {
      assertThat(result.stage(row.name() + READER).tasks().get(0).status())
          .isEqualTo(expected.kind() == null ? TaskStatus.SUCCEEDED : TaskStatus.SKIPPED);
    }
  }
}
