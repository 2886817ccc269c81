package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskResult;
import dev.muster.spi.Backend;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * That Python functions and modifiers in the form that FAST-HEP gives them work in Muster's own workflows, on every
 * backend that carries out Python functions: extend it and say which backend.
 *
 * <pre>{@code
 * class MyFastHepFormsTest extends FastHepFormsContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>{@code ctx} is a mapping and has attributes; a port that readers name is a value that is returned alone; modifiers
 * are context managers, get {@code exc}, and find their parameters in {@code ctx}. The folder is JUnit's temporary one,
 * which the workers must see. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class FastHepFormsContract {
  private static final String MODULE = "fasthep_forms";

  @TempDir
  Path folder;

  /** Creates the tests. */
  protected FastHepFormsContract() {}

  /** Returns a new backend to test. */
  protected abstract Backend backend();

  /** Returns how long a run may take, starting the worker included. Default: 2 minutes. */
  protected Duration patience() {
    return Duration.ofMinutes(2);
  }

  /** Adds what executions of this backend need: a strategy, options, an environment. Default: nothing. */
  protected void configure(Execution.Builder execution) {}

  @BeforeEach
  void writeModule() throws IOException {
    String module = MODULE + ".py";
    try (InputStream functions =
        Objects.requireNonNull(FastHepFormsContract.class.getResourceAsStream(module), module)) {
      Files.copy(functions, folder.resolve(module));
    }
  }

  @Test
  void ctxIsMappingAndObject() {
    Map<String, Object> attributes = Map.of("eventtype", "mc", "xs", 1.5);
    Workflow workflow = workflow()
        .dataset(new Dataset("one", List.of("a.csv", "b.csv"), List.of(), attributes))
        .stage(python("Sees", "sees").build())
        .stage(python("All", "sees_all").scope(Scope.GLOBAL).build())
        .build();
    RunResult result = run(workflow);
    List<TaskResult> parts = result.orThrow().stage("Sees").tasks();
    assertThat(parts.get(0).value()).hasToString("[Sees, mc, one__0, a.csv, null, null, 5]");
    assertThat(parts.get(1).value()).hasToString("[Sees, mc, one__1, b.csv, null, null, 5]");
    assertThat(result.stage("All").value()).hasToString("[outdir]");
  }

  @Test
  void portIsBareOutput() {
    StageInput stream = new StageInput("Bare", "stream", "stream");
    StageInput whole = new StageInput("Bare", null, "whole");
    Workflow workflow = workflow()
        .stage(python("Bare", "bare").build())
        .stage(python("Take", "take").from(List.of(stream, whole)).build())
        .stage(python("Again", "take").from(List.of(stream)).build())
        .build();
    RunResult result = run(workflow).orThrow();
    assertThat(result.stage("Take").value())
        .isEqualTo(Map.of("stream", List.of(1L), "whole", List.of(1L)));
    assertThat(result.stage("Again").value()).isEqualTo(Map.of("stream", List.of(1L)));
  }

  @Test
  void refusesBareOutputForSeveralPortsAndNothing() {
    Workflow workflow = workflow()
        .stage(python("Bare", "bare").build())
        .stage(python("Nothing", "nothing").needs().build())
        .stage(reader("One", "Bare", "one"))
        .stage(reader("Two", "Bare", "two"))
        .stage(reader("No", "Nothing", "no"))
        .build();
    RunResult result = run(workflow);
    for (String name : List.of("One", "Two")) {
      assertThat(message(result, name))
          .contains("reads the output '" + name.toLowerCase(Locale.ROOT) + "' of")
          .contains("and other outputs of it are read too");
    }
    assertThat(message(result, "No")).contains("which returned nothing");
  }

  @Test
  void modifiersHaveTheForm() throws IOException {
    Workflow workflow = workflow()
        .stage(python("Bare", "bare").build())
        .stage(python("Scaled", "scaled")
            .from(List.of(new StageInput("Bare", null, "item")))
            .modifier(new Modifier("scale", Map.of("by", 3, "stage", "another")))
            .build())
        .stage(python("Fails", "fails")
            .modifier(new Modifier("tell", Map.of("to", "told")))
            .build())
        .build();
    RunResult result = run(workflow);
    assertThat(result.stage("Scaled").value())
        .hasToString("{output=18, seen=[in, out, fasthep_forms:scaled, []]}");
    assertThat(message(result, "Fails")).contains("KeyError: 'no such thing'");
    assertThat(folder.resolve("told")).hasContent("Fails KeyError True");
  }

  private static String message(RunResult result, String stage) {
    return Objects.requireNonNull(result.stage(stage).tasks().get(0).failure()).message();
  }

  private Workflow.Builder workflow() {
    return Workflow.builder()
        .baseDirectory(folder)
        .registry(
            new Registry(Map.of(), Map.of("scale", MODULE + ":Scale", "tell", MODULE + ":Tell")));
  }

  private static Stage.Builder python(String id, String function) {
    return Stage.builder(id).op("python").param("callable", MODULE + ":" + function);
  }

  private static Stage reader(String id, String node, String port) {
    return python(id, "take")
        .needs(node)
        .from(List.of(new StageInput(node, port, null)))
        .build();
  }

  private RunResult run(Workflow workflow) {
    Backend backend = backend();
    Execution.Builder execution =
        Execution.builder().backend(backend.name()).pool("default", pool -> pool.workers(1));
    configure(execution);
    RunOptions options = RunOptions.builder()
        .backend(backend)
        .keepGoing(true)
        .keepValues(true)
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
}
