package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskResult;
import dev.muster.spi.Backend;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * That Python code runs on the interpreter that its pool names, else on that of the execution, on every backend:
 * extend it and say which backend and which Python.
 *
 * <pre>{@code
 * class MyNamedPythonTest extends NamedPythonContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 *
 *   @Override
 *   protected String python() {
 *     return "python3";
 *   }
 * }
 * }</pre>
 *
 * <p>The backend must carry out Python functions and commands. The folder is JUnit's temporary one, which the workers
 * must see. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class NamedPythonContract {
  private static final String MODULE = """
      import os

      class Seen:
          def around_node(self, call):
              return [os.environ["INTERPRETER"], call()]

      def which():
          return os.environ["INTERPRETER"]
      """;

  @TempDir
  Path folder;

  /** Creates the tests. */
  protected NamedPythonContract() {}

  /** Returns a new backend to test. */
  protected abstract Backend backend();

  /** Returns a Python that has what the backend needs: a name or a path. */
  protected abstract String python();

  /** Returns how long the run may take, starting the workers included. Default: 2 minutes. */
  protected Duration patience() {
    return Duration.ofMinutes(2);
  }

  /** Makes an interpreter that tells its name. */
  private String interpreter(String name) throws IOException {
    Path place = Files.createDirectory(folder.resolve("an " + name));
    Path file = Files.writeString(
        place.resolve("python"),
        "#!/bin/sh\nINTERPRETER=" + name + " exec " + python() + " \"$@\"\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }

  private Workflow workflow() throws IOException {
    Files.writeString(folder.resolve("seen_ops.py"), MODULE);
    return Workflow.builder()
        .baseDirectory(folder)
        .registry(new Registry(Map.of("which", "seen_ops:which"), Map.of("seen", "seen_ops:Seen")))
        .stage(Stage.builder("Plain").op("which").needs().build())
        .stage(Stage.builder("Own").op("which").needs().require("own").build())
        .stage(Stage.builder("Command")
            .op("shell")
            .param("command", "echo done")
            .modifier("seen")
            .needs()
            .require("own")
            .build())
        .build();
  }

  private Execution execution(Object python, Object own) {
    return Execution.builder()
        .backend(backend().name())
        .config("python", python)
        .pool("default", pool -> pool.workers(1))
        .pool("own", pool -> pool.workers(1).config("python", own))
        .build();
  }

  @Test
  void aPoolsOwnComesBeforeThatOfTheExecution() throws Exception {
    Execution execution = execution(interpreter("first"), interpreter("second"));
    RunOptions options =
        RunOptions.builder().backend(backend()).directory(folder.resolve("run")).build();
    try (Run run = Muster.start(workflow(), execution, options)) {
      RunResult result = run.await(patience());
      if (result == null) {
        throw new AssertionError("the run does not end within " + patience());
      }
      assertThat(value(result, "Plain")).isEqualTo("first");
      assertThat(value(result, "Own")).isEqualTo("second");
      assertThat(value(result, "Command")).isEqualTo(List.of("second", "done"));
    }
  }

  private static @Nullable Object value(RunResult result, String stage) {
    TaskResult task = result.stage(stage).tasks().get(0);
    assertThat(task.failure()).isNull();
    return task.value();
  }

  @Test
  void whatIsNoNameIsRefusedWhereItIsWritten() throws Exception {
    refuses(execution(List.of("x"), python()), "execution.config.python: python must be a text");
    refuses(
        execution(python(), 3), "execution.pools.own.config.python: python must be a text, got 3");
  }

  private void refuses(Execution execution, String says) throws IOException {
    Workflow workflow = workflow();
    RunOptions options = RunOptions.builder().backend(backend()).build();
    assertThatThrownBy(() -> Muster.start(workflow, execution, options).close())
        .isInstanceOfSatisfying(
            WorkflowException.class,
            e -> assertThat(e.problems()).singleElement().asString().startsWith(says));
  }
}
