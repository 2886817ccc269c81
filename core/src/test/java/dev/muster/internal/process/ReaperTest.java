package dev.muster.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.OtherJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
@DisabledOnOs(OS.WINDOWS) // there are no signals
class ReaperTest {
  @TempDir
  Path directory;

  /** Ways to leave a session or a parent. */
  static final List<String> LEAVING = List.of(
      "setsid sh -c 'echo $$ >session; exec sleep 600' & wait",
      "(setsid sh -c \"echo \\$\\$ >double; exec sleep 600\" &) ; exec sleep 600",
      "nohup sh -c \"trap '' TERM; echo \\$\\$ >nohup; while :; do sleep 0.2; done\" >/dev/null 2>&1 & disown; wait",
      "env -i /usr/bin/setsid sh -c 'echo $$ >bare; exec sleep 600' & sleep 600; wait",
      "echo $$ >over; (setsid sh -c \"trap '' TERM; echo \\$\\$ >late; while :; do sleep 0.2; done\" &)");

  private Process jvm;

  /** Starts a job with a child that ignores requests to end, and a process; waits for its own end. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[0]);
      String script = "echo $$ >job; (trap '' TERM; sleep 600) & echo $! >child; wait";
      ProcessTree.start(
          new ProcessBuilder("sh", "-c", script).directory(directory.toFile()),
          ProcessTree.DEFAULT_GRACE);
      ProcessTree.start(
          new ProcessBuilder("sh", "-c", "echo $$ >process; exec sleep 600")
              .directory(directory.toFile()),
          ProcessTree.DEFAULT_GRACE);
      for (String each : LEAVING) {
        ProcessTree.start(
            new ProcessBuilder("bash", "-c", each).directory(directory.toFile()),
            ProcessTree.DEFAULT_GRACE);
      }
      ProcessTree.start(new ProcessBuilder("true"), ProcessTree.DEFAULT_GRACE).close();
      Files.writeString(directory.resolve("ready"), ProcessHandle.current().pid() + "\n");
      new CountDownLatch(1).await();
    }
  }

  @AfterEach
  void tearDown() {
    if (jvm != null) {
      jvm.destroyForcibly();
    }
  }

  private long pid(String file) {
    Path path = directory.resolve(file);
    await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(path) && Files.size(path) > 1);
    try {
      return Long.parseLong(Files.readString(path).strip());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void endsAllProcessesOfAJvmThatIsKilled() throws Exception {
    jvm = OtherJvm.start(Program.class, Map.of(), directory.resolve("log"), directory.toString());
    List<Long> pids = List.of(
        pid("job"),
        pid("child"),
        pid("process"),
        pid("session"),
        pid("double"),
        pid("nohup"),
        pid("bare"),
        pid("over"),
        pid("late"));
    assertThat(pid("ready")).isEqualTo(jvm.pid()); // the reaper knows of all
    jvm.destroyForcibly();
    for (long pid : pids) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> ProcessHandle.of(pid).filter(ProcessTable::alive).isEmpty());
    }
    assertThat(Files.readString(directory.resolve("log"))).doesNotContain("Exception");
  }
}
