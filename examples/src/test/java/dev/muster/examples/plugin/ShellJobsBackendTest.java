package dev.muster.examples.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.muster.error.MusterException;
import dev.muster.examples.plugin.FakeBackendContext.Report;
import dev.muster.execution.Execution;
import dev.muster.plan.Route;
import dev.muster.spi.BackendSession;
import dev.muster.value.FileRef;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShellJobsBackendTest {
  @TempDir
  Path directory;

  private final NiceProcesses processes = new NiceProcesses(Map.of());

  @AfterEach
  void close() {
    processes.close();
  }

  @Test
  void outputIsAReferenceToWhatTheCommandPrinted() throws Exception {
    FakeBackendContext context = context("shell", "echo hello");
    try (BackendSession session = new ShellJobsBackend().open(context)) {
      session.submit(route(context), 1, new int[] {0}, 1);
      FileRef output = (FileRef) context.next().output();
      assertThat(Files.readString(output.path())).isEqualTo("hello\n");
    }
  }

  @Test
  void failureHasTheExitCodeAndTheLastWords() throws Exception {
    FakeBackendContext context = context("shell", "echo no such dataset >&2; exit 3");
    try (BackendSession session = new ShellJobsBackend().open(context)) {
      session.submit(route(context), 2, new int[] {0}, 1);
      assertThat(context.next())
          .isEqualTo(new Report(
              0, 2, null, "OPERATION: the command ended with exit code 3: no such dataset"));
    }
  }

  @Test
  void runsNoMoreAtATimeThanThePoolHasSlots() throws Exception {
    FakeBackendContext context =
        context("shell", "mkdir one || mkdir two || exit 1; rmdir two || rmdir one");
    try (BackendSession session = new ShellJobsBackend().open(context)) {
      session.submit(route(context), 1, new int[8], 8);
      for (int i = 0; i < 8; i++) {
        assertThat(context.next().failure()).isNull();
      }
    }
  }

  @Test
  void cancelEndsTheCommand() throws Exception {
    FakeBackendContext context = context("shell", "echo $$ > pid; exec sleep 600");
    try (BackendSession session = new ShellJobsBackend().open(context)) {
      session.submit(route(context), 1, new int[] {0}, 1);
      Path file = directory.resolve("pid");
      await().until(() -> Files.exists(file) && Files.size(file) > 0);
      long process = Long.parseLong(Files.readString(file).strip());
      session.cancel(0, 1);
      await().until(() -> ProcessHandle.of(process).isEmpty());
    }
    assertThat(context.broken).isEmpty();
  }

  @Test
  void closeEndsWhatRunsAndForgetsWhatWaits() throws Exception {
    FakeBackendContext context = context("shell", "echo $$ >> pids; exec sleep 600");
    BackendSession session = new ShellJobsBackend().open(context);
    session.submit(route(context), 1, new int[5], 5);
    Path file = directory.resolve("pids");
    await().until(() -> Files.exists(file) && Files.readAllLines(file).size() == 2);
    session.close();
    session.close();
    for (String process : Files.readAllLines(file)) {
      await().until(() -> ProcessHandle.of(Long.parseLong(process)).isEmpty());
    }
    assertThat(Files.readAllLines(file)).hasSize(2);
    assertThat(context.broken).isEmpty();
  }

  @Test
  void rejectsStagesThatAreNoCommands() {
    FakeBackendContext context = context("dimuon.plot", "true");
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> new ShellJobsBackend().open(context))
        .withMessageContaining("but A is not one");
  }

  private FakeBackendContext context(String op, String command) {
    Workflow workflow = Workflow.builder()
        .baseDirectory(directory)
        .stage("A", stage -> stage.op(op).param("command", command))
        .build();
    Execution execution = Execution.builder()
        .backend("shell-jobs")
        .strategy("nice")
        .pool("default", pool -> pool.workers(2))
        .build();
    return new FakeBackendContext(
        workflow, execution, directory, (task, attempt) -> null, processes);
  }

  private static Route route(FakeBackendContext context) {
    return context.plan().stages().get(0).route();
  }
}
