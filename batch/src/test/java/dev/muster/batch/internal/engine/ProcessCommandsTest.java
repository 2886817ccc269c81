package dev.muster.batch.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.spi.CommandResult;
import dev.muster.resource.Walltime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProcessCommandsTest {
  private static final Duration LONG = Duration.ofSeconds(50);

  @TempDir
  Path directory;

  private final Map<String, String> environment = new HashMap<>(System.getenv());

  private CommandResult sh(String script, Duration limit) throws Exception {
    return new ProcessCommands(environment).run(List.of("sh", "-c", script), null, limit);
  }

  private void script(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + text + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void givesWhatACommandSaidAndItsExitCode() throws Exception {
    CommandResult result = sh("echo out; echo err >&2; exit 3", LONG);
    assertThat(result)
        .isEqualTo(new CommandResult(
            List.of("sh", "-c", "echo out; echo err >&2; exit 3"), 3, "out\n", "err\n"));
    assertThat(sh("kill -9 $$", LONG).exitCode()).isEqualTo(137);
  }

  @Test
  void handsOverItsInput() throws Exception {
    String input = "größe\n".repeat(100_000);
    CommandResult result = new ProcessCommands(environment).run(List.of("cat"), input, LONG);
    assertThat(result.out()).isEqualTo(input);
    assertThat(sh("cat", LONG).out()).isEmpty();
  }

  @Test
  void leavesNoFilesBehindEvenIfThisProcessIsKilled() throws Exception {
    String script = """
        for turn in $(seq 300); do
          case $(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 | grep -c ' (deleted)$') in
            3) cat; exit ;;
          esac
          sleep 0.1
        done
        """;
    CommandResult result =
        new ProcessCommands(environment).run(List.of("sh", "-c", script), "all are gone", LONG);
    assertThat(result.out()).isEqualTo("all are gone");
  }

  @Test
  void findsProgramsOnThePathOfTheirEnvironment() throws Exception {
    script("fake-queue", "echo \"$WORD\"; echo \"$HOME\"");
    environment.clear();
    environment.put("PATH", directory + ":/usr/bin:/bin");
    environment.put("WORD", "here");
    CommandResult result = new ProcessCommands(environment).run(List.of("fake-queue"), null, LONG);
    assertThat(result.out()).isEqualTo("here\n\n");
  }

  @Test
  void saysWhatIsNotInstalled() {
    environment.put("PATH", directory.toString());
    assertThatExceptionOfType(CommandFailed.class)
        .isThrownBy(
            () -> new ProcessCommands(environment).run(List.of("sbatch", "x y"), null, LONG))
        .withMessageContaining(
            "sbatch 'x y': the program sbatch was not found on the PATH " + directory)
        .satisfies(e -> assertThat(e.started()).isFalse());
  }

  @Test
  void endsACommandThatHangsWithItsChildren() throws Exception {
    Path pids = directory.resolve("pids");
    String script = "echo busy >&2; sleep 300 & echo $! $$ >" + pids + ".new; mv " + pids + ".new "
        + pids + "; wait";
    // A loaded machine may need longer to start it: it is given more time then.
    Duration limit = Duration.ofMillis(250);
    while (!Files.exists(pids) && limit.compareTo(Duration.ofSeconds(10)) < 0) {
      limit = limit.multipliedBy(2);
      Duration patience = limit;
      assertThatExceptionOfType(CommandFailed.class)
          .isThrownBy(() -> sh(script, patience))
          .withMessageContaining(
              "no answer within " + Walltime.format(limit) + " (command_timeout), ended")
          .satisfies(e -> assertThat(e.started()).isTrue())
          .satisfies(e -> {
            if (Files.exists(pids)) {
              assertThat(e).hasMessageContaining("having said: busy");
            }
          });
    }
    for (String pid : Files.readString(pids).strip().split(" ", -1)) {
      await().until(() -> ended(pid));
    }
  }

  private static boolean ended(String pid) throws IOException {
    try {
      return Files.readString(Path.of("/proc", pid, "stat")).matches("(?s).*\\) [ZX] .*");
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void doesNotWaitForWhatKeepsItsOutputOpen() throws Exception {
    CommandResult result = sh("setsid sleep 300 & echo $!", LONG);
    ProcessHandle.of(Long.parseLong(result.out().strip())).ifPresent(ProcessHandle::destroy);
    assertThat(result.ok()).isTrue();
  }

  @Test
  void anInterruptEndsTheCommand() throws Exception {
    Path pid = directory.resolve("pid");
    Thread caller = Thread.currentThread();
    Thread interrupter = new Thread(() -> {
      await().until(() -> Files.exists(pid) && Files.size(pid) > 1);
      caller.interrupt();
    });
    interrupter.start();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> sh("echo $$ >" + pid + "; exec sleep 300", LONG));
    interrupter.join();
    assertThat(ended(Files.readString(pid).strip())).isTrue();
  }
}
