package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunStatus;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is left when the JVM of a run ends in the middle. */
@Timeout(120)
@DisabledOnOs(OS.WINDOWS) // there a process cannot be asked to end
class RunExitTest {
  @TempDir
  Path folder;

  private Process jvm;

  /** The program that is ended: its operation starts a process and waits for it. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      Path directory = Path.of(args[0]);
      Workflow workflow = Workflow.builder()
          .stage("Quick")
          .run(context -> "quick")
          .stage("Sleep")
          .run(context -> {
            Process child = new ProcessBuilder("sleep", "600").start();
            try {
              Files.writeString(directory.resolveSibling("child.new"), "" + child.pid());
              Files.move(directory.resolveSibling("child.new"), directory.resolveSibling("child"));
              return child.waitFor();
            } finally {
              child.destroyForcibly().waitFor();
            }
          })
          .build();
      RunOptions.Builder options = RunOptions.builder().directory(directory);
      if (args.length > 1) {
        options.listener(event -> {
          if (event instanceof RunEvent.TaskStarted started && started.name().equals("Sleep")) {
            System.exit(3);
          }
        });
      }
      try (Run run = Muster.start(workflow, RunFixture.workers(1), options.build())) {
        run.await();
      }
    }
  }

  @AfterEach
  void tearDown() {
    if (jvm != null) {
      jvm.destroyForcibly();
    }
  }

  private Path start(String... more) throws IOException {
    Path directory = folder.resolve("run");
    List<String> command = new java.util.ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        String.join(
            java.io.File.pathSeparator,
            System.getProperty("java.class.path"),
            System.getProperty("jdk.module.path", ""),
            "target/classes",
            "target/test-classes"),
        Program.class.getName(),
        directory.toString()));
    command.addAll(List.of(more));
    jvm = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
    return directory;
  }

  private ProcessHandle child() throws IOException {
    Path file = folder.resolve("child");
    Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(file) || !jvm.isAlive());
    assertThat(file).as(Files.readString(folder.resolve("output"))).exists();
    return ProcessHandle.of(Long.parseLong(Files.readString(file))).orElseThrow();
  }

  @Test
  void aRunThatIsAskedToEndIsCancelledAndLeavesNoProcess() throws Exception {
    Path directory = start();
    ProcessHandle child = child();
    jvm.destroy();
    assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
    Awaitility.await().atMost(PATIENCE).until(() -> !child.isAlive());
    List<RunEvent> events = RunJournal.read(directory);
    assertThat(events.get(events.size() - 1))
        .isInstanceOfSatisfying(
            RunEvent.RunFinished.class,
            finished -> assertThat(finished.status()).isEqualTo(RunStatus.CANCELLED));
  }

  @Test
  void aRunThatIsKilledLeavesAJournalThatReadsBack() throws Exception {
    Path directory = start();
    ProcessHandle child = child();
    try {
      // The journal is on disk as soon as nothing more happens.
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> RunJournal.read(directory).stream()
              .anyMatch(event ->
                  event instanceof RunEvent.TaskStarted task && task.name().equals("Sleep")));
      jvm.destroyForcibly();
      assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(RunJournal.read(directory).stream()
              .filter(RunEvent.TaskSucceeded.class::isInstance)
              .map(event -> ((RunEvent.TaskSucceeded) event).name()))
          .containsExactly("Quick");
    } finally {
      child.destroyForcibly(); // nobody could
    }
  }

  @Test
  void aListenerMayEndTheJvm() throws Exception {
    start("exit");
    assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(jvm.exitValue()).isEqualTo(3);
    Path child = folder.resolve("child");
    if (Files.exists(child)) { // the process may have been ended before it was noted
      assertThat(ProcessHandle.of(Long.parseLong(Files.readString(child)))
              .map(ProcessHandle::isAlive)
              .orElse(false))
          .isFalse();
    }
  }
}
