package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskException;
import dev.muster.run.TaskFailure;
import dev.muster.run.TaskResult;
import dev.muster.spi.Backend;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of the outputs of Python functions, as one table: of each value, what the next function gets, what Java
 * and commands read, and what they are told where they cannot. Extend it and say which backend.
 *
 * <pre>{@code
 * class MyPassedValuesTest extends PassedValuesContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>A function gets what the one before has returned, whether it reads all of an output, a named one, or one of each
 * partition; whether both run on the backend, or one of them on {@code local}. The folder is JUnit's temporary one,
 * which the workers must see. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class PassedValuesContract {
  private static final String AS_IT_WAS = "as it was";

  @TempDir
  Path folder;

  /** Creates the tests. */
  protected PassedValuesContract() {}

  /** Returns a new backend to test. */
  protected abstract Backend backend();

  /** Returns how long all rows may take, starting the workers included. Default: 5 minutes. */
  protected Duration patience() {
    return Duration.ofMinutes(5);
  }

  /** Adds what executions of this backend need: a strategy, options, an environment. Default: nothing. */
  protected void configure(Execution.Builder execution) {}

  /** What is expected of a task. */
  private record Expected(
      String stage, @Nullable String text, String reason, boolean failsAtOnce) {}

  @TestFactory
  Stream<DynamicTest> eachReaderReadsWhatTheTableSays() throws IOException {
    String module = PassedValue.MODULE + ".py";
    try (InputStream functions =
        Objects.requireNonNull(PassedValuesContract.class.getResourceAsStream(module), module)) {
      Files.copy(functions, folder.resolve(module), StandardCopyOption.REPLACE_EXISTING);
    }
    Backend backend = backend();
    boolean elsewhere = !backend.name().equals("local");
    Workflow.Builder workflow =
        Workflow.builder().baseDirectory(folder).dataset(Dataset.of("data", "a", "b"));
    List<Expected> expected = new ArrayList<>();
    for (PassedValue row : PassedValue.all()) {
      Rows rows = new Rows(workflow, expected, row);
      rows.add("", null, null);
      if (elsewhere) {
        rows.add("_there", "local", null);
        rows.add("_back", null, "local");
      }
    }
    broken(workflow, expected, elsewhere);
    RunResult result = run(backend, workflow.build());
    return expected.stream().map(each -> dynamicTest(each.stage(), () -> check(each, result)));
  }

  /** The stages of one row, in one direction. */
  private record Rows(Workflow.Builder workflow, List<Expected> expected, PassedValue row) {
    /**
     * Adds stages.
     *
     * @param way the end of their names
     * @param maker the backend of those that make the value, or null
     * @param reader that of those that read it, or null
     */
    void add(String way, @Nullable String maker, @Nullable String reader) {
      String name = row.name() + way;
      add(python(name + "_made", "make", row.name()), maker);
      add(python(name + "_named", "name", row.name()), maker);
      add(python(name + "_parts", "make", row.name()).scope(Scope.PARTITION), maker);
      StageInput whole = new StageInput(name + "_made", null, "item");
      StageInput one = new StageInput(name + "_named", "one", "item");
      StageInput parts = new StageInput(name + "_parts", null, "item");
      function(name + "_read", "look", whole, reader);
      function(name + "_one_read", "look", one, reader);
      function(name + "_parts_read", "look_at_all", parts, reader);
      command(name + "_words", whole, reader);
      command(name + "_one_words", one, reader);
      if (reader == null) {
        java(name + "_java", whole);
        java(name + "_one_java", one);
        add(python(name + "_result", "make", row.name()), maker);
        expected.add(new Expected(name + "_result", row.java(), row.reason(), false));
      }
    }

    private void function(
        String name, String function, StageInput input, @Nullable String backend) {
      add(reader(python(name, function, row.name()), input), backend);
      expected.add(new Expected(name, AS_IT_WAS, "", true));
    }

    private void command(String name, StageInput input, @Nullable String backend) {
      Stage.Builder stage = Stage.builder(name)
          .op("shell")
          .param("command", "for word in {input.item}; do printf '%s\\n' \"$word\"; done");
      add(reader(stage, input), backend);
      // The place is that of the placeholder on one side, and that of the output on the other.
      String reason = row.reason().replaceFirst("^output", "");
      expected.add(new Expected(name, row.words(), reason, true));
    }

    private void java(String name, StageInput input) {
      add(reader(Stage.builder(name).run(PassedValuesContract::told), input), "local");
      expected.add(new Expected(name, row.java(), place(input, row.reason()), true));
    }

    private static String place(StageInput input, String reason) {
      return input.port() == null ? reason : reason.replaceFirst("^output", "output.one");
    }

    private void add(Stage.Builder stage, @Nullable String backend) {
      workflow.stage((backend == null ? stage : stage.backend(backend)).build());
    }
  }

  private static Stage.Builder reader(Stage.Builder stage, StageInput input) {
    return stage.needs(input.node()).from(List.of(input)).scope(Scope.GLOBAL);
  }

  private static Object told(OperationContext context) {
    return said(context.input("item"));
  }

  private static String said(@Nullable Object value) {
    return value instanceof byte[] bytes
        ? "bytes " + HexFormat.of().formatHex(bytes)
        : String.valueOf(value);
  }

  private static Stage.Builder python(String name, String function, String value) {
    return Stage.builder(name)
        .op("python")
        .needs()
        .scope(Scope.GLOBAL)
        .param("callable", PassedValue.MODULE + ":" + function)
        .param("case", value);
  }

  /** Adds a value that cannot be unpickled: who reads it fails, and says why. */
  private static void broken(
      Workflow.Builder workflow, List<Expected> expected, boolean elsewhere) {
    workflow.stage(python("broken_made", "make", "broken").build());
    StageInput input = new StageInput("broken_made", null, "item");
    String reason = "an input cannot be unpickled: ValueError: no more";
    workflow.stage(reader(python("broken_read", "look", "broken"), input).build());
    expected.add(new Expected("broken_read", null, reason, true));
    if (elsewhere) {
      workflow.stage(reader(python("broken_read_elsewhere", "look", "broken"), input)
          .backend("local")
          .build());
      expected.add(new Expected("broken_read_elsewhere", null, reason, true));
    }
  }

  private RunResult run(Backend backend, Workflow workflow) {
    Execution.Builder execution =
        Execution.builder().backend(backend.name()).pool("default", pool -> pool.workers(1));
    configure(execution);
    RunOptions options = RunOptions.builder()
        .backend(backend)
        .keepGoing(true)
        .directory(folder.resolve("run"))
        .build();
    try (Run run = Muster.start(workflow, execution.build(), options)) {
      RunResult result = run.await(patience());
      if (result == null) {
        throw new AssertionError("the run does not end within " + patience());
      }
      return result;
    }
  }

  private static void check(Expected expected, RunResult result) {
    TaskResult task = result.stage(expected.stage()).tasks().get(0);
    if (expected.text() != null) {
      assertThat(task.failure()).isNull();
      String pattern = Stream.of(expected.text().split("\\*", -1))
          .map(Pattern::quote)
          .reduce((one, other) -> one + "(?s:.*)" + other)
          .orElseThrow();
      assertThat(said(task.value())).matches(pattern);
    } else if (expected.failsAtOnce()) {
      TaskFailure failure = Objects.requireNonNull(task.failure(), "it did not fail");
      assertThat(failure.kind()).isEqualTo(FailureKind.SERIALIZATION);
      assertThat(failure.message()).contains(expected.reason());
    } else {
      assertThat(task.failure()).isNull();
      assertThatExceptionOfType(TaskException.class)
          .isThrownBy(task::value)
          .withMessageContaining(expected.reason())
          .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.SERIALIZATION));
    }
  }
}
