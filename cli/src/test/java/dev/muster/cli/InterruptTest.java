package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sends signals to a command in a process of its own. */
class InterruptTest {
  @TempDir
  private Path directory;

  private Path log;
  private Process process;
  private List<ProcessHandle> children = List.of();

  /** Runs the command with a run that never ends by itself, and with {@code stubborn} not even when it is told to. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] arguments) throws IOException {
      Signals.install();
      FakeLibrary library = new FakeLibrary();
      library.script = run -> run.stubborn = arguments[0].equals("stubborn");
      // Somebody's child, which must not outlive the process.
      new ProcessBuilder("sleep", "300").inheritIO().start();
      Shell shell = new Shell(
          library,
          new Output(new FileOutputStream(FileDescriptor.out)),
          new Screen(new Output(new FileOutputStream(FileDescriptor.err))),
          new Terminal(
              false,
              arguments[1].equals("live"),
              Map.of("COLUMNS", "80", "LINES", "24", "TERM", "xterm")),
          Clock.systemUTC(),
          Path.of("").toAbsolutePath());
      System.exit(Main.execute(shell, "run", "w.yaml"));
    }
  }

  @BeforeEach
  void needsSignals() throws IOException {
    assumeThat(Path.of("/proc/self/status")).exists();
    try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
      String ignored =
          status.filter(line -> line.startsWith("SigIgn:")).findFirst().orElseThrow();
      long mask = Long.parseUnsignedLong(ignored.substring(7).strip(), 16);
      assumeThat(mask & 2)
          .as("SIGINT is ignored here, and so it is in children")
          .isZero();
    }
    log = directory.resolve("log");
  }

  private void start(String... arguments) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    process = new ProcessBuilder(Stream.concat(
                Stream.of(java, "-cp", classPath, Endless.class.getName()), Stream.of(arguments))
            .toList())
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(new File(log.toString()))
        .start();
  }

  private void awaitRunning() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(directory.resolve(".muster/runs/latest"))
            && process.children().findAny().isPresent());
    children = process.children().toList();
    assertThat(children).isNotEmpty();
  }

  private void kill(String signal) throws IOException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
  }

  private int exitCode() throws InterruptedException {
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ended").isTrue();
    return process.exitValue();
  }

  @AfterEach
  void leaveNothing() {
    if (process != null) {
      process.destroyForcibly();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143", "HUP,129"})
  void aSignalEndsTheRunInOrder(String signal, int code) throws Exception {
    start("polite", "plain");
    awaitRunning();
    kill(signal);
    assertThat(exitCode()).isEqualTo(code);
    assertThat(log)
        .content()
        .contains("interrupted: stopping the run")
        .contains("dimuon cancelled")
        .contains("run directory: .muster/runs/dimuon-");
  }

  @Test
  void aSecondSignalEndsItAtOnceAndItsChildrenToo() throws Exception {
    start("stubborn", "plain");
    awaitRunning();
    kill("INT");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> Files.readString(log).contains("interrupted:"));
    kill("INT");
    assertThat(exitCode()).isEqualTo(130);
    assertThat(children)
        .allSatisfy(
            child -> await().untilAsserted(() -> assertThat(child.isAlive()).isFalse()));
  }

  @Test
  void theCursorComesBack() throws Exception {
    start("polite", "live");
    awaitRunning();
    await().until(() -> Files.readString(log).contains("\033[?25l"));
    kill("INT");
    assertThat(exitCode()).isEqualTo(130);
    String written = Files.readString(log);
    assertThat(written.lastIndexOf("\033[?25h")).isGreaterThan(written.lastIndexOf("\033[?25l"));
    assertThat(written).contains("cancelled");
  }
}
