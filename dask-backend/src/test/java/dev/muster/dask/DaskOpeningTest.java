package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.StrategyContext;
import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DaskOpeningTest {
  /** A bridge that is ready at once, goes on talking, and ends with its input. */
  private static final String BRIDGE = """
      #!/bin/sh
      echo $$ > FOLDER/pid
      echo '{"ev":"ready"}'
      echo '{"ev":"more"}'
      cat > /dev/null
      """;

  @TempDir
  Path folder;

  /** A strategy whose only batch system refuses every job after something. */
  private record Refusing(Runnable before, RuntimeException error) implements Strategy {
    @Override
    public String name() {
      return "refusing";
    }

    @Override
    public BatchSystem open(StrategyContext context) {
      return new BatchSystem() {
        @Override
        public List<JobId> submit(JobSpec spec, int copies) {
          before.run();
          throw error;
        }

        @Override
        public StatusReport status(Set<JobId> asked) {
          return new StatusReport.Answered(Map.of());
        }

        @Override
        public void cancel(Set<JobId> jobs) {
          throw new IllegalStateException("there is nothing to cancel");
        }

        @Override
        public void close() {
          assertThat(threads()).as("ended before").isEmpty();
        }
      };
    }
  }

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("muster-dask-"))
        .toList();
  }

  private RunResult run(String python, Strategy strategy) {
    return Muster.run(
        Workflow.builder()
            .registry(new Registry(Map.of("one", "ops:one"), Map.of()))
            .stage("A")
            .op("one")
            .build(),
        Execution.builder()
            .backend("dask")
            .strategy(strategy.name())
            .config("python", python)
            .pool("default", pool -> pool.workers(1))
            .build(),
        RunOptions.builder().directory(folder.resolve("run")).plugin(strategy).build());
  }

  private String bridge() throws IOException {
    Path script = folder.resolve("bridge");
    Files.writeString(script, BRIDGE.replace("FOLDER", folder.toString()));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script.toString();
  }

  private void assertNothingIsLeft() throws IOException {
    await().atMost(Duration.ofSeconds(20)).until(() -> threads().isEmpty());
    try (Stream<Path> left = Files.list(folder.resolve("run/debug/distributed"))) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("dask"));
    }
    long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
    assertThat(ProcessHandle.of(pid)).isEmpty();
  }

  @Test
  void whatIsReadyIsClosedWhenTheWorkersCannotBeSubmitted() throws Exception {
    for (RuntimeException error :
        List.of(new MusterException("no such queue"), new IllegalStateException("no such queue"))) {
      Runnable talked = () -> await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> threads().stream()
              .anyMatch(thread -> thread.getName().startsWith("muster-dask-reader@")
                  && thread.getState() == Thread.State.WAITING));
      RunResult result = run(bridge(), new Refusing(talked, error));
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThatThrownBy(result::orThrow).hasStackTraceContaining("no such queue");
      assertNothingIsLeft();
      PythonFiles.delete(folder.resolve("run"));
    }
  }

  @Test
  void theFolderGoesWhenTheBridgeCannotBeStarted() throws Exception {
    Path script = folder.resolve("bridge");
    Files.writeString(script, "#!/no/such/shell\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Files.writeString(folder.resolve("pid"), String.valueOf(Long.MAX_VALUE));
    RunResult result = run(
        script.toString(),
        new Refusing(() -> {}, new IllegalStateException("nothing is submitted")));
    assertThatThrownBy(result::orThrow).hasStackTraceContaining("cannot be started");
    assertNothingIsLeft();
  }

  @Test
  void everyStepOfATeardownIsCarriedOut() {
    List<String> done = new ArrayList<>();
    Runnable first = () -> {
      throw new IllegalStateException("first");
    };
    Runnable second = () -> {
      done.add("second");
      throw new AssertionError("second");
    };
    assertThatThrownBy(() -> Teardown.all(first, second, () -> done.add("third")))
        .hasMessage("first")
        .satisfies(error -> assertThat(error.getSuppressed()).hasSize(1));
    assertThat(done).containsExactly("second", "third");
    MusterException error = new MusterException("why");
    Teardown.after(error, first, () -> done.add("last"));
    assertThat(error.getSuppressed()).hasSize(1);
    assertThat(done).endsWith("last");
  }
}
