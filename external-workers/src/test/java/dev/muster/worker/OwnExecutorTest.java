package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.run.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors of one's own. */
class OwnExecutorTest {
  private static final String ONE = """
      analysis:
        stages:
          - {id: A, op: w.f, params: {outputs: {value: json}}, execution: {%s}}
      execution:
        assignments: {w: mine}
      """;

  @TempDir
  Path folder;

  private Runs runs;

  @BeforeEach
  void worker() throws IOException {
    runs = new Runs(folder);
    runs.worker("w", """
        #!/bin/bash
        cd "$TKR_DIR"
        value() { sed -E "s/.*\\"$1\\":\\"([^\\"]*)\\".*/\\1/" "$2"; }
        echo 4 >"$(sed -E 's/.*"outputs":\\{"value":"([^"]*)".*/\\1/' "$1")"
        : >"$(value done_path "$1")"
        """);
  }

  private RunResult run(Executor mine, String stage) throws Exception {
    return runs.run(
        ONE.formatted(stage),
        runs.options().plugin(Executor.named("mine", mine)).build());
  }

  @Test
  @SuppressWarnings("FutureReturnValueIgnored")
  void theSmallestOneStartsAProcess() throws Exception {
    Path registry = folder.resolve("workers");
    Executor minimal = (launcher, call) -> {
      String program = registry.resolve(launcher).toString();
      ProcessBuilder builder = new ProcessBuilder(program, call.toString());
      builder.environment().put("TKR_DIR", WorkerCall.read(call).directory(call).toString());
      Process process = builder.start();
      CompletableFuture<Process> end = process.onExit();
      end.whenComplete((ended, error) -> process.destroy()); // also when the task is cancelled
      return end;
    };
    RunResult result = run(minimal, "");
    assertThat(result.stage("A").value()).as(Runs.told(result)).isEqualTo(Map.of("value", 4L));
    runs.worker("w", "#!/bin/sh\nexit 0\n");
    RunResult without = runs.run(
        ONE.formatted(""),
        dev.muster.RunOptions.builder()
            .directory(folder.resolve("other"))
            .plugin(Executor.named("mine", minimal))
            .build());
    assertThat(Runs.failure(without).message()).contains("ended without the flag _done or _error");
  }

  @Test
  void flagsAreWaitedForWhereNothingTellsTheEnd() throws Exception {
    RunResult result = run(
        (launcher, call) -> {
          String worker = folder.resolve("workers").resolve(launcher).toString();
          ProcessBuilder builder = new ProcessBuilder("setsid", worker, call.toString());
          builder
              .environment()
              .put("TKR_DIR", WorkerCall.read(call).directory(call).toString());
          assertThat(builder.start().pid()).isPositive();
          return null;
        },
        "");
    assertThat(result.stage("A").value()).as(Runs.told(result)).isEqualTo(Map.of("value", 4L));
  }

  @Test
  void whatItsEndThrowsIsTheReason() throws Exception {
    RunResult result = run(
        (launcher, call) -> CompletableFuture.failedFuture(new IOException("the queue is closed")),
        "");
    assertThat(Runs.failure(result).message()).contains("the queue is closed");
    assertThat(runs.run.resolve("A/_error")).exists();
  }

  @Test
  @SuppressWarnings("FutureReturnValueIgnored")
  void aCancelledTaskCancelsTheCall() throws Exception {
    AtomicBoolean cancelled = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    Executor mine = (launcher, call) -> {
      CompletableFuture<Object> end = new CompletableFuture<>();
      end.whenComplete((value, error) -> cancelled.set(error instanceof CancellationException));
      begun.countDown();
      return end;
    };
    WorkflowFile file =
        Workflows.fromYaml(Files.writeString(folder.resolve("w.yaml"), ONE.formatted("")));
    try (var running =
        Muster.start(file, runs.options().plugin(Executor.named("mine", mine)).build())) {
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      running.cancel();
      assertThat(running.await().succeeded()).isFalse();
    }
    assertThat(cancelled).isTrue();
  }

  @Test
  void anAttemptThatIsOutOfTimeIsTriedAgainInAFolderOfItsOwn() throws Exception {
    Executor mine = (launcher, call) -> {
      if (!call.toString().contains("attempt-2")) {
        return new CompletableFuture<>(); // never
      }
      WorkerCall read = WorkerCall.read(call);
      Path base = read.directory(call);
      Files.writeString(base.resolve(read.outputs().get("value")), "2");
      Files.createFile(base.resolve(read.donePath()));
      return CompletableFuture.completedFuture(null);
    };
    RunResult result = run(mine, "timeout: 1s, retry: 1");
    assertThat(result.stage("A").value()).as(Runs.told(result)).isEqualTo(Map.of("value", 2L));
  }
}
