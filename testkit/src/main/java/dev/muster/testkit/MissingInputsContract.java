package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.spi.Backend;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.MissingInput;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * That a stage that {@linkplain Stage#tolerate() tolerates} missing inputs goes on without the same ones, and is told
 * of the same ones, on every backend that carries out Python functions and commands: extend it and say which backend.
 * The workflow's other backend is {@code local}. The folder is JUnit's temporary one, which the workers must see. Not
 * thread-safe.
 *
 * @since 0.1
 */
public abstract class MissingInputsContract {
  private static final String MODULE = "gaps";
  private static final String LOCAL = "local";

  @TempDir
  Path folder;

  /** Creates the tests. */
  protected MissingInputsContract() {}

  /** Returns a new backend to test. */
  protected abstract Backend backend();

  /** Returns how long the run may take, starting the worker included. Default: 2 minutes. */
  protected Duration patience() {
    return Duration.ofMinutes(2);
  }

  /** Adds what executions of this backend need: a strategy, options, an environment. Default: nothing. */
  protected void configure(Execution.Builder execution) {}

  private static Stage.Builder python(String id, String function) {
    return Stage.builder(id).op("python").param("callable", MODULE + ":" + function);
  }

  private Workflow workflow() {
    return Workflow.builder()
        .baseDirectory(folder)
        .dataset(new Dataset("a", List.of("a0", "bad1", "a2", "a3"), List.of(), Map.of()))
        .dataset(new Dataset("b", List.of("b4", "b5"), List.of(), Map.of()))
        .stage(python("Select", "select").needs().build())
        .stage(python("Count", "count").needs("Select").build())
        .stage(gather(python("ByDataset", "merge"), Scope.DATASET, "1"))
        .stage(gather(python("ByBlock", "merge").block(2), Scope.DATASET, "50%"))
        .stage(gather(command("Command"), Scope.GLOBAL, "17%"))
        .stage(gather(
            Stage.builder("Java").backend(LOCAL).run(MissingInputsContract::merge),
            Scope.GLOBAL,
            "1"))
        .stage(python("Again", "merge").needs("ByBlock").scope(Scope.GLOBAL).build())
        .stage(python("Here", "count").backend(LOCAL).needs("Select").build())
        .stage(python("There", "merge")
            .needs("Here")
            .scope(Scope.GLOBAL)
            .tolerate("1")
            .build())
        .build();
  }

  private static Stage.Builder command(String id) {
    return Stage.builder(id)
        .op("shell")
        .param("command", "printf '%s|' \"$MUSTER_INPUT_Count\" \"$MUSTER_MISSING\" {input.Count}");
  }

  private static Stage gather(Stage.Builder stage, Scope scope, String tolerance) {
    return stage.needs("Count").scope(scope).tolerate(tolerance).build();
  }

  private static Object merge(OperationContext context) {
    List<MissingInput> missing = context.missingInputs("Count");
    return Map.of(
        "values", context.inputs("Count"),
        "partitions",
            context.inputPartitions("Count").stream()
                .map(each -> Objects.requireNonNull(each).index())
                .toList(),
        "missing",
            missing.stream()
                .map(each -> List.of(
                    each.task(),
                    Objects.requireNonNull(each.partition()).index(),
                    Objects.requireNonNull(each.dataset()).name()))
                .toList());
  }

  private static String merged(List<?> values, List<?> partitions, @Nullable Object... missing) {
    return values + " " + partitions + " " + Arrays.asList(missing);
  }

  private static String seen(@Nullable Object output) {
    Map<?, ?> map = (Map<?, ?>) Objects.requireNonNull(output);
    return map.get("values") + " " + map.get("partitions") + " " + map.get("missing");
  }

  private static List<String> seen(RunResult result, String stage) {
    return result.stage(stage).values().stream()
        .map(MissingInputsContract::seen)
        .toList();
  }

  @Test
  void aStageGoesOnWithoutWhatItTolerates() throws IOException {
    try (InputStream functions = Objects.requireNonNull(
        MissingInputsContract.class.getResourceAsStream(MODULE + ".py"), MODULE)) {
      Files.copy(functions, folder.resolve(MODULE + ".py"));
    }
    Backend backend = backend();
    EventLog events = new EventLog();
    Execution.Builder execution =
        Execution.builder().backend(backend.name()).pool("default", pool -> pool.workers(1));
    configure(execution);
    RunOptions options = RunOptions.builder()
        .backend(backend)
        .directory(folder.resolve("run"))
        .listener(events)
        .build();
    RunResult result;
    try (Run run = Muster.start(workflow(), execution.build(), options)) {
      result = Objects.requireNonNull(run.await(patience()), "the run does not end");
      check(result);
    }
    assertThat(events.of(RunEvent.InputsMissing.class))
        .extracting(each -> each.name() + " " + each.missing() + "/" + each.gathered())
        .containsExactlyInAnyOrder(
            "ByDataset/a 1/4", "ByBlock/a.0 1/2", "Command 1/6", "Java 1/6", "There 1/6");
  }

  private static void check(RunResult result) {
    assertThat(result.failures()).extracting("name").containsExactly("Select/a.1");
    assertThat(result.status()).isEqualTo(RunStatus.INCOMPLETE);
    Object missing = List.of("Count/a.1", 1, "a");
    assertThat(seen(result, "ByDataset"))
        .containsExactly(
            merged(List.of(0, 20, 30), List.of(0, 2, 3), missing),
            merged(List.of(40, 50), List.of(4, 5)));
    String all = merged(List.of(0, 20, 30, 40, 50), List.of(0, 2, 3, 4, 5), missing);
    assertThat(seen(result, "Java")).containsExactly(all);
    assertThat(seen(result, "There")).containsExactly(all.replace("Count/", "Here/"));
    assertThat(result.stage("Command").value())
        .isEqualTo("0\n20\n30\n40\n50|Count/a.1|0|20|30|40|50|");
    assertThat(result.stage("Again").succeeded()).isEqualTo(1);
    assertThat(result.stage("Again").value()).asString().contains("[0]", "[20, 30]", "[40, 50]");
  }
}
