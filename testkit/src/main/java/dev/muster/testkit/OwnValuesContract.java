package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskResult;
import dev.muster.spi.Backend;
import dev.muster.testkit.OwnValuesCases.Row;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * That each call of a Python function has values of its own, on every backend that carries out Python functions: extend
 * it and say which backend.
 *
 * <pre>{@code
 * class MyOwnValuesTest extends OwnValuesContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>The functions change what they are given, and what they have returned and hold on to. Nobody else may see that: no
 * other reader, no other attempt, no later task of the same process, and not who takes the run's result.
 *
 * <p>Nearly all stages run on one worker, in two runs: in one each output comes to this JVM, in the other only those
 * that no
 * stage reads. The folder is JUnit's temporary one, which the workers must see. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class OwnValuesContract {
  @TempDir
  Path folder;

  /** Creates the tests. */
  protected OwnValuesContract() {}

  /** Returns a new backend to test. */
  protected abstract Backend backend();

  /** Returns how long a run may take, starting the worker included. Default: 2 minutes. */
  protected Duration patience() {
    return Duration.ofMinutes(2);
  }

  /** Adds what executions of this backend need: a strategy, options, an environment. Default: nothing. */
  protected void configure(Execution.Builder execution) {}

  /**
   * Tells whether a process carries out tasks of several stages, one after another. Default: true; false leaves out
   * the functions that return again what they hold on to.
   */
  protected boolean keepsProcesses() {
    return true;
  }

  @TestFactory
  Stream<DynamicTest> eachCallHasValuesOfItsOwn() throws IOException {
    return tests(false, OwnValuesCases.all());
  }

  @TestFactory
  Stream<DynamicTest> outputsComeHomeAsTheyWereReturned() throws IOException {
    return tests(true, OwnValuesCases.all());
  }

  private Stream<DynamicTest> tests(boolean keepValues, List<Row> rows) throws IOException {
    String module = OwnValuesCases.MODULE + ".py";
    try (InputStream functions =
        Objects.requireNonNull(OwnValuesContract.class.getResourceAsStream(module), module)) {
      Files.copy(functions, folder.resolve(module), StandardCopyOption.REPLACE_EXISTING);
    }
    RunResult result = run(keepValues, rows);
    return rows.stream()
        .filter(row -> keepsProcesses() || !row.holds())
        .filter(row -> row.expected() != null && (keepValues || !row.read()))
        .map(row -> dynamicTest(row.stage().id(), () -> check(row, result)));
  }

  private RunResult run(boolean keepValues, List<Row> rows) {
    Backend backend = backend();
    Workflow.Builder workflow = Workflow.builder().baseDirectory(folder);
    rows.forEach(row -> workflow.stage(row.stage()));
    Execution.Builder execution = Execution.builder()
        .backend(backend.name())
        .pool("default", pool -> pool.workers(1))
        .pool("second", pool -> pool.workers(1));
    configure(execution);
    RunOptions options = RunOptions.builder()
        .backend(backend)
        .keepGoing(true)
        .keepValues(keepValues)
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
    TaskResult task = result.stage(row.stage().id()).tasks().get(0);
    assertThat(task.failure()).isNull();
    assertThat(String.valueOf(task.value())).isEqualTo(row.expected());
  }
}
