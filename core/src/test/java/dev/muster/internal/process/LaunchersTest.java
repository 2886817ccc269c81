package dev.muster.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.internal.operation.Leftovers;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class LaunchersTest {
  // An object: what makes one of a class may not see the package of that one.
  @RegisterExtension
  static final Leftovers LEFTOVERS = new Leftovers();

  @TempDir
  Path directory;

  private final Launchers launchers = new Launchers("test");

  @AfterEach
  void close() {
    launchers.close();
  }

  private Launch launch(List<String> argv, Map<String, String> environment, Duration grace) {
    Launch.Logs logs =
        new Launch.Logs(directory.resolve("stdout"), directory.resolve("stderr"), true);
    return new Launch(
        argv,
        directory,
        Variables.of(environment),
        null,
        logs,
        true,
        List.of(ProcessMark.VARIABLE),
        grace);
  }

  private RunningCommand start(String script) throws Exception {
    return launchers.start(
        launch(List.of("/bin/sh", "-c", script), System.getenv(), Duration.ofMillis(500)));
  }

  private CommandEnd run(String script) throws Exception {
    try (RunningCommand command = start(script)) {
      return command.await();
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

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessTable::alive).isPresent();
  }

  private static List<ProcessHandle> processes() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().commandLine().orElse("").contains("muster-launcher"))
        .toList();
  }

  @Test
  void tellsExitCodesAndSignals() throws Exception {
    assertThat(run("exit 7").code()).isEqualTo(7);
    assertThat(run("kill -SEGV $$").code()).isEqualTo(128 + 11);
    assertThat(processes()).hasSize(1); // the second one had that of the first
  }

  @Test
  void leavesNoFileOfACommandThatPrintsNothing() throws Exception {
    CommandEnd end = run("exit 0");
    assertThat(end.stdoutBytes() + end.stderrBytes()).isZero();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void keepsApartWhatCommandsPrint() throws Exception {
    assertThat(run("echo one; echo error >&2").stdoutBytes()).isEqualTo(4);
    assertThat(directory.resolve("stdout")).hasContent("one");
    run(":");
    assertThat(run("echo two").stderrBytes()).isZero();
    assertThat(directory.resolve("stdout")).hasContent("two");
    assertThat(directory.resolve("stderr")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "os.lseek(1, 100, os.SEEK_SET); os.lseek(2, 100, os.SEEK_SET)",
        "fcntl.fcntl(1, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)",
        "os.fchmod(1, 0o600)",
        "fcntl.flock(1, fcntl.LOCK_EX)"
      })
  void nextCommandFindsItsOutputUntouched(String change) throws Exception {
    assertThat(run("exec python3 -c 'import fcntl, os; " + change + "'").code()).isZero();
    assertThat(directory).isEmptyDirectory();
    String look =
        "import fcntl, os; print(os.lseek(1, 0, os.SEEK_CUR), fcntl.fcntl(1, fcntl.F_GETFL)"
            + " & (os.O_NONBLOCK | os.O_APPEND | os.O_ACCMODE) == os.O_WRONLY)";
    assertThat(run("exec python3 -c '" + look + "'").code()).isZero();
    assertThat(directory.resolve("stdout")).hasContent("0 True");
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(directory.resolve("stdout"))))
        .isEqualTo("rw-r--r--");
    assertThat(processes()).hasSize(1);
  }

  @Test
  void showsWhatACommandPrintsWhileItRuns() throws Exception {
    try (RunningCommand command = start("echo now; while [ ! -e go ]; do sleep 0.02; done")) {
      await().until(() -> Files.exists(directory.resolve("stdout")));
      assertThat(directory.resolve("stdout")).hasContent("now");
      Files.createFile(directory.resolve("go"));
      assertThat(command.await().code()).isZero();
    }
  }

  @Test
  void passesArgumentsAndVariablesAsTheyAre() throws Exception {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.remove("HOME");
    environment.put("EMPTY", "");
    environment.put("TEXT", "a=b\n \"$HOME\" \\ 'x'\t");
    String script = "printf '%s|' \"$TEXT\" \"${EMPTY-unset}\" \"${HOME-unset}\" \"$@\"";
    List<String> argv =
        List.of("/bin/sh", "-c", script, "sh", "", " ", "line\nbreak", "$(id)", "-n", "=");
    try (RunningCommand command =
        launchers.start(launch(argv, environment, Duration.ofSeconds(2)))) {
      assertThat(command.await().code()).isZero();
    }
    assertThat(Files.readString(directory.resolve("stdout"), StandardCharsets.UTF_8))
        .isEqualTo("a=b\n \"$HOME\" \\ 'x'\t||unset|| |line\nbreak|$(id)|-n|=|");
  }

  @Test
  void saysWhatCannotBeStarted() {
    assertThatThrownBy(() -> {
          try (RunningCommand command = launchers.start(
              launch(List.of("/no/such/program"), Map.of(), Duration.ofSeconds(2)))) {
            command.await();
          }
        })
        .isInstanceOf(IOException.class)
        .hasMessage("/no/such/program: No such file or directory");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void runsATextWithoutAFirstLineAsTheShellDoes() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "exit 5\n");
    assertThat(text.toFile().setExecutable(true)).isTrue();
    try (RunningCommand command =
        launchers.start(launch(List.of(text.toString()), Map.of(), Duration.ofSeconds(2)))) {
      assertThat(command.await().code()).isEqualTo(5);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sleep 300 & echo $! >pid",
        "setsid sh -c 'echo $$ >pid; exec sleep 300' &",
        "(setsid sh -c 'echo $$ >pid; exec sleep 300' &)",
        "(env -i /usr/bin/setsid /bin/sh -c 'echo $$ >pid; exec sleep 300' &)",
        "(setsid sh -c \"trap '' TERM; echo \\$\\$ >pid; while :; do sleep 0.1; done\" &)"
      })
  void endsWhatACommandLeavesBehindWhereverItWent(String leaving) throws Exception {
    assertThat(run(leaving + "\nuntil [ -s pid ]; do sleep 0.01; done; exit 3").code())
        .isEqualTo(3);
    assertThat(alive(pid("pid"))).isFalse();
    Files.delete(directory.resolve("pid"));
    try (RunningCommand command = start(leaving + "\nwait; sleep 300")) {
      assertThat(alive(pid("pid"))).isTrue();
      RunningCommand.close(List.of(command));
      assertThat(command.await().code()).isIn(128 + 9, 128 + 15);
    }
    assertThat(alive(pid("pid"))).isFalse();
  }

  @Test
  void letsACommandCleanUpWhenItIsCancelled() throws Exception {
    String script =
        "trap 'echo clean >cleaned; exit 3' TERM; echo $$ >pid; while :; do sleep 0.02; done";
    try (RunningCommand command = launchers.start(
        launch(List.of("/bin/sh", "-c", script), System.getenv(), Duration.ofSeconds(30)))) {
      pid("pid");
      RunningCommand.close(List.of(command));
      assertThat(command.await().code()).isEqualTo(3);
    }
    assertThat(directory.resolve("cleaned")).hasContent("clean");
  }

  @Test
  void aCommandWhoseLauncherIsKilledIsLostAndEnds() throws Exception {
    String script = "setsid sleep 300 & echo $! >other; echo $$ >pid; kill -9 $PPID; sleep 300";
    CommandEnd end = run(script);
    assertThat(end.lost()).contains("ended with exit code 137 (SIGKILL)");
    assertThat(alive(pid("pid"))).isFalse();
    assertThat(alive(pid("other"))).isFalse();
    assertThat(run("exit 4").code()).isEqualTo(4); // by another one
  }

  @Test
  void aCommandWhoseLauncherIsStoppedIsLostAndEnds() throws Exception {
    CommandEnd end = run("echo $$ >pid; kill -STOP $PPID; exit 0");
    assertThat(end.lost()).contains("was stopped");
    assertThat(alive(pid("pid"))).isFalse();
    assertThat(processes()).isEmpty();
  }

  @Test
  void aStoppedLauncherKeepsNoCommandFromBeingCancelled() throws Exception {
    try (RunningCommand command = start("echo $$ >pid; kill -STOP $PPID; sleep 300")) {
      pid("pid");
      RunningCommand.close(List.of(command));
      assertThat(command.end()).isNotNull();
    }
    assertThat(alive(pid("pid"))).isFalse();
  }

  @Test
  void countsTheProcessorTimeOfAllThatACommandStarts() throws Exception {
    String busy = "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done";
    double alone = run(busy).cpuSeconds();
    double within = run("sh -c '" + busy + "'; (" + busy + ")").cpuSeconds();
    assertThat(alone).isPositive();
    assertThat(within).isGreaterThan(alone);
  }

  @Test
  void tellsThePeakOfACommandThatIsLargerThanItsLauncherAndNoOther() throws Exception {
    long bytes = 64L << 20;
    Long peak = run("head -c " + 2 * bytes + " /dev/zero | tail -c " + bytes + " >/dev/null")
        .peakBytes();
    assertThat(peak).isBetween(bytes, 3 * bytes);
    assertThat(run("exit 0").peakBytes()).isNull();
  }

  @Test
  void startsCommandsWithoutPython() throws Exception {
    try (Launchers plain = new Launchers("test", directory.resolve("no-python"));
        RunningCommand command = plain.start(launch(
            List.of("/bin/sh", "-c", "echo x; sleep 300 & echo $! >pid; exit 6"),
            System.getenv(),
            Duration.ofSeconds(2)))) {
      CommandEnd end = command.await();
      assertThat(end).isEqualTo(new CommandEnd(6, null, null, 2, 0, null));
    }
    assertThat(alive(pid("pid"))).isFalse();
    assertThat(directory.resolve("stderr")).doesNotExist();
    assertThat(processes()).isEmpty();
  }

  @Test
  void startsCommandsBesideAPythonThatIsNone() throws Exception {
    Path broken = Files.writeString(directory.resolve("python3"), "#!/bin/sh\nexit 9\n");
    assertThat(broken.toFile().setExecutable(true)).isTrue();
    try (Launchers plain = new Launchers("test", broken);
        RunningCommand command = plain.start(
            launch(List.of("/bin/sh", "-c", "exit 6"), Map.of(), Duration.ofSeconds(2)))) {
      assertThat(command.await().code()).isEqualTo(6);
    }
  }

  @Test
  void tenThousandFastCommandsKeepNoDescriptor() throws Exception {
    run(":");
    long launcher = processes().get(0).pid();
    List<Long> before = List.of(descriptors("self"), descriptors(Long.toString(launcher)));
    Launch nothing = launch(List.of("/bin/true"), Map.of(), Duration.ofSeconds(2));
    for (int i = 0; i < 10_000; i++) {
      try (RunningCommand command = launchers.start(nothing)) {
        assertThat(command.await().code()).isZero();
      }
    }
    // Others of this JVM may open and close some meanwhile.
    assertThat(descriptors("self")).isLessThan(before.get(0) + 20);
    assertThat(descriptors(Long.toString(launcher))).isEqualTo(before.get(1));
    assertThat(processes()).extracting(ProcessHandle::pid).containsExactly(launcher);
    assertThat(directory).isEmptyDirectory();
  }

  private static long descriptors(String process) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", process, "fd"))) {
      return open.count();
    }
  }

  @Test
  void hasAsManyLaunchersAsCommandsRunAtOnce() throws Exception {
    List<RunningCommand> commands = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      commands.add(start("while [ ! -e go ]; do sleep 0.02; done"));
    }
    assertThat(processes()).hasSize(3);
    assertThat(new File(directory.toFile(), "go").createNewFile()).isTrue();
    for (RunningCommand command : commands) {
      assertThat(command.await().code()).isZero();
    }
    run(":");
    assertThat(processes()).hasSize(3);
    launchers.close();
    assertThat(processes()).isEmpty();
  }
}
