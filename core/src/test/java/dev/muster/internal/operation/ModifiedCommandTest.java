package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands inside of modifiers in Python. */
@Timeout(60)
@ExtendWith(Leftovers.class)
class ModifiedCommandTest {
  private static final String MODIFIERS = """
      import os

      class Plain:
          def around_node(self, call):
              return call()

      class Timed:
          def before_node(self, inputs, ctx):
              inputs['x'] = 'changed'
              os.environ['SET'] = 'by the modifier'
              print('of the modifier')
              ctx.diagnostic('saw', [ctx.stage, ctx.callable, ctx.params])
          def after_node(self, outputs):
              outputs['output'] = 'after ' + outputs['output']
      """;

  @TempDir
  Path directory;

  private StageCodes codes;
  private FakeContext context;

  @BeforeEach
  void write() throws Exception {
    Files.writeString(directory.resolve("mods.py"), MODIFIERS);
  }

  @AfterEach
  void close() {
    if (codes != null) {
      codes.close();
    }
  }

  private FakeContext stage(String modifier, Object command, Consumer<Stage.Builder> change) {
    Stage.Builder builder = Stage.builder("Say").op("shell").param("command", command);
    for (String each : modifier.isEmpty() ? new String[0] : modifier.split(",")) {
      builder.modifier(each);
    }
    change.accept(builder);
    Stage stage = builder.build();
    Workflow workflow = Workflow.builder()
        .stage(stage)
        .registry(new Registry(Map.of(), Map.of("plain", "mods:Plain", "timed", "mods:Timed")))
        .build();
    close();
    codes = TestCodes.open(workflow, TestCodes.noProviders(), directory, Map.of());
    context = new FakeContext(stage, directory);
    context.variables = codes.of(stage).variables();
    return context;
  }

  private Object run() throws Exception {
    return Hooks.run(codes.of(context.stage()), context);
  }

  @Test
  void whatAModifierDoesIsThereForTheCommand() throws Exception {
    stage(
            "timed",
            "echo \"$SET\" {input.x} {params.n} \"$MINE\"; echo err >&2",
            builder -> builder
                .param("n", "a b")
                .environment(environment -> environment.variable("MINE", "the stage's")))
        .input("x", "given");
    assertThat(run()).isEqualTo("after by the modifier changed a b the stage's");
    assertThat(context.diagnostics.get("saw"))
        .isEqualTo(List.of("Say", "shell", context.stage().params()));
    Path made = context.outputDirectory();
    assertThat(made.resolve("stdout")).hasContent("by the modifier changed a b the stage's");
    assertThat(made.resolve("stderr")).hasContent("err");
    assertThat(made.resolve("modifiers.stdout")).hasContent("of the modifier");
    assertThat(made.resolve("modifiers.stderr")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo {input.list} {input.number} {input.map.key}; echo two",
        "printf '%s\\n' {files} \"$MUSTER_FILES\"; cat {files_list}",
        "echo {stage} {attempt} {pool} {worker} {partition} {dataset} {output_dir} {base_dir}",
        "echo $MUSTER_PARTITION_INDEX $MUSTER_FIRST_EVENT $MUSTER_EVENTS $MUSTER_INPUT_list; pwd",
        "echo \"größe 中 {params.n}\" '{params.n}' $(( {input.number} + 1 ))"
      })
  void aModifierThatChangesNothingChangesNothing(String command) throws Exception {
    List<Object> outputs = new ArrayList<>();
    for (String modifier : List.of("", "plain")) {
      stage(modifier, command, builder -> {
            builder.param("capture", "lines");
            if (command.contains("params.n")) {
              builder.param("n", "a 'b");
            }
          })
          .input("list", List.of("a b", "$c", 1L))
          .input("number", 7L)
          .input("map", Map.of("key", 1e-7));
      context.dataset = Dataset.of("data", "a.root", "/abs/b c.root");
      context.partition = new Partition(3, "data", List.of("a.root", "/abs/b c.root"), 10, 20);
      outputs.add(run());
    }
    assertThat(outputs.get(1)).isEqualTo(outputs.get(0));
  }

  @Test
  void isMeasuredAsEveryCommand() throws Exception {
    for (String modifiers : List.of("diagnostics,profile", "diagnostics,profile,plain")) {
      stage(modifiers, "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done", builder -> {});
      assertThat(run()).isEqualTo("");
      assertThat(context.diagnostics)
          .containsKeys("host", "wall_seconds", "cpu_seconds")
          .doesNotContainKeys("python", "java", "peak_memory_bytes");
    }
  }

  @Test
  void outputsAreFiles() throws Exception {
    stage(
        "plain",
        List.of("sh", "-c", "cat > o.txt; echo said", "x"),
        builder -> builder
            .param("stdin", "given {params.n}")
            .param("n", 3)
            .param("capture", "text")
            .param("outputs", Map.of("o", "o.txt")));
    Path file = context.outputDirectory().resolve("o.txt");
    assertThat(run()).isEqualTo(Map.of("stdout", "said", "o", FileRef.of(file)));
    assertThat(file).hasContent("given 3");
  }

  @Test
  void aCommandThatFailsSaysItsExitCode() {
    stage("plain", "echo last words >&2; exit 3", builder -> {});
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(this::run)
        .withMessageContaining("last words")
        .satisfies(failure -> {
          assertThat(failure.kind()).isEqualTo(FailureKind.OPERATION);
          assertThat(failure.exitCode()).isEqualTo(3);
        });
  }

  @Test
  void endsWithItsTask() throws Exception {
    stage("plain", "echo $$ > pid; sleep 50 & setsid sleep 51 & wait", builder -> {});
    Path pid = context.outputDirectory().resolve("pid");
    CompletableFuture<Void> interrupted = new CompletableFuture<>();
    Thread task = new Thread(() -> {
      try {
        run();
        interrupted.completeExceptionally(new AssertionError("it ended by itself"));
      } catch (InterruptedException e) {
        interrupted.complete(null);
      } catch (Exception e) {
        interrupted.completeExceptionally(e);
      }
    });
    task.start();
    while (!Files.exists(pid) || Files.size(pid) == 0) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    task.interrupt();
    interrupted.get(30, TimeUnit.SECONDS);
    assertThat(ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())))
        .satisfiesAnyOf(
            found -> assertThat(found).isEmpty(),
            found -> assertThat(found.orElseThrow().isAlive()).isFalse());
  }
}
