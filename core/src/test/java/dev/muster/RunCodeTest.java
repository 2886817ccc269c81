package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.code.StageCode;
import dev.muster.error.Diagnostic;
import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Variables;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of stages is resolved once: what was checked is what runs. */
class RunCodeTest {
  @TempDir
  Path folder;

  private final List<String> made = new ArrayList<>();

  /** Notes what it makes, and what of that is closed. */
  private final class Counting implements OperationProvider {
    @Override
    public Set<String> names() {
      return Set.of("count");
    }

    @Override
    public Operation create(String name, OperationSetup setup) {
      made.add("made");
      final class Made implements Operation, AutoCloseable {
        @Override
        public Object run(OperationContext context) {
          return made.size();
        }

        @Override
        public void close() {
          made.add("closed");
        }
      }

      return new Made();
    }
  }

  /** Changes the workflow's files once they were checked. */
  private final class Changing implements Backend {
    private final Backend inner = new SynchronousBackend();
    private final List<StageCode> seen = new ArrayList<>();

    @Override
    public String name() {
      return "changing";
    }

    @Override
    public void check(BackendContext context) {
      seen.add(context.code(context.stages().get(0)));
    }

    @Override
    public BackendSession open(BackendContext context) {
      try {
        Files.writeString(folder.resolve("stage.env"), "MODE=changed\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      seen.add(context.code(context.stages().get(0)));
      return inner.open(context);
    }
  }

  private Workflow workflow(String op) {
    return Workflow.builder()
        .baseDirectory(folder)
        .stage("A", stage -> {
          stage
              .op(op)
              .environment(each -> each.variables(new Variables.EnvFile(Path.of("stage.env"))));
          if (op.equals("shell")) {
            stage.param("command", "echo $MODE");
          }
        })
        .build();
  }

  @Test
  void anOperationIsMadeOnceForARunAndOnceForACheck() throws Exception {
    Files.writeString(folder.resolve("stage.env"), "MODE=checked\n");
    RunOptions options = RunOptions.builder()
        .directory(folder.resolve("run"))
        .operations(new Counting())
        .build();
    Plan plan = Muster.plan(workflow("count"), Execution.local(), options);
    assertThat(Muster.check(plan, options)).isEmpty();
    assertThat(made).containsExactly("made", "closed");
    made.clear();
    try (Run run = Muster.start(plan, options)) {
      Objects.requireNonNull(run.await(Duration.ofSeconds(60))).orThrow();
    }
    assertThat(made).containsExactly("made", "closed");
  }

  @Test
  void aFileThatChangesAfterTheCheckChangesNothing() throws Exception {
    Files.writeString(folder.resolve("stage.env"), "MODE=checked\n");
    Changing backend = new Changing();
    RunOptions options = RunOptions.builder()
        .directory(folder.resolve("run"))
        .keepValues(true)
        .backend(backend)
        .build();
    Execution execution = Execution.builder().backend("changing").build();
    try (Run run = Muster.start(workflow("shell"), execution, options)) {
      assertThat(Objects.requireNonNull(run.await(Duration.ofSeconds(60)))
              .orThrow()
              .stage("A")
              .value())
          .isEqualTo("checked");
    }
    assertThat(backend.seen).hasSize(2);
    assertThat(backend.seen.get(1)).isSameAs(backend.seen.get(0));
    assertThat(folder.resolve("stage.env")).hasContent("MODE=changed");
  }

  @Test
  void whatAPlanWithErrorsHadMadeIsClosed() {
    RunOptions options = RunOptions.builder()
        .directory(folder.resolve("run"))
        .operations(new Counting())
        .build();
    Workflow workflow = Workflow.builder()
        .baseDirectory(folder)
        .stage("A", stage -> stage.op("count"))
        .stage("B", stage -> stage.op("nothing"))
        .build();
    Plan plan = Muster.plan(workflow, Execution.local(), options);
    List<Diagnostic> found = Muster.check(plan, options);
    assertThat(found).hasSize(1);
    assertThat(made).containsExactly("made", "closed");
  }
}
