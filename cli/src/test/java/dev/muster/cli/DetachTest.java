package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.Runs;
import dev.muster.run.RunState;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs that go on without the process that started them, followed from others. */
@EnabledOnOs(OS.LINUX)
@Timeout(180)
class DetachTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SESSION = 3;
  private static final int TERMINAL = 4;

  @TempDir
  private Path base;

  private Path directory;
  private Path run;
  private Process process;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void workflow() throws IOException {
    directory = Files.createDirectory(base.resolve("a b:c"));
    run = directory.resolve("run");
    Files.writeString(directory.resolve("w.yaml"), """
        name: w
        analysis:
          stages:
            - {id: Wait, op: shell, params: {command: "for i in $(seq 600); do test -e ../../../go && exit 3; sleep 0.1; done"}}
        """);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    if (process != null) {
      process.destroyForcibly();
    }
    if (Files.exists(run.resolve("owner"))) {
      ProcessHandle.of(Runs.of(run).pid()).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** Runs the command in a process of its own, whose output goes to the file {@code said}. */
  private Process start(String... arguments) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder = new ProcessBuilder(Stream.concat(
                Stream.of(java, "-XX:TieredStopAtLevel=1", "-cp", classPath, Main.class.getName()),
                Stream.of(arguments))
            .toList())
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(said());
    builder.environment().remove("MUSTER_SITE");
    process = builder.start();
    return process;
  }

  private File said() {
    return base.resolve("said").toFile();
  }

  private int end(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("ended")
        .isTrue();
    return process.exitValue();
  }

  private int muster(String... arguments) {
    out.reset();
    err.reset();
    return Main.execute(
        new Shell(
            new Library(),
            new Output(out),
            new Screen(new Output(err)),
            new Terminal(false, false, Map.of()),
            Clock.systemUTC(),
            directory),
        arguments);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private void detach() throws Exception {
    assertThat(end(start("run", "w.yaml", "--detach", "-d", "run")))
        .as(Files.readString(said().toPath()))
        .isZero();
  }

  private static List<String> stat(long pid) throws IOException {
    String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return List.of(line.substring(line.lastIndexOf(')') + 2).split(" "));
  }

  @Test
  void goesOnInASessionOfItsOwnAndIsFollowedToItsExitCode() throws Exception {
    detach();
    assertThat(said()).content().contains("run directory: run", "muster attach run");
    assertThat(Runs.of(run).state()).isEqualTo(RunState.RUNNING);
    long pid = Runs.of(run).pid();
    assertThat(stat(pid).get(SESSION)).isEqualTo(Long.toString(pid));
    assertThat(stat(pid).get(TERMINAL)).isEqualTo("0");
    assertThat(muster("clean", "run")).isEqualTo(ExitCode.FAILED);
    assertThat(err()).contains("kept run: it is under way: process " + pid);
    Process attached = start("attach", "run");
    await()
        .atMost(PATIENCE)
        .until(() -> Files.readString(said().toPath()).contains("Wait: started"));
    Files.createFile(directory.resolve("go"));
    assertThat(end(attached)).as(Files.readString(said().toPath())).isEqualTo(ExitCode.FAILED);
    assertThat(said()).content().contains("Wait: failed, attempt 1", "w failed after ");
    assertThat(run.resolve("console")).content().contains("w failed after ");
    assertThat(run.resolve("owner")).doesNotExist();
  }

  @Test
  void aRunGoesOnByItself() throws Exception {
    detach();
    assertThat(end(start("run", "w.yaml", "--detach", "--resume=run"))).isEqualTo(1);
    assertThat(said()).content().contains("process " + Runs.of(run).pid());
    assertThat(run.resolve("console.2")).doesNotExist();
    assertThat(Runs.of(run).state()).isEqualTo(RunState.RUNNING);
    ProcessHandle.of(Runs.of(run).pid()).orElseThrow().destroyForcibly();
    await().atMost(PATIENCE).until(() -> Runs.of(run).state() == RunState.KILLED);
    assertThat(end(start("run", "w.yaml", "--resume=run", "--detach")))
        .as(Files.readString(said().toPath()))
        .isZero();
    assertThat(said()).content().contains("run directory: run", "muster attach run");
    assertThat(Runs.of(run).state()).isEqualTo(RunState.RUNNING);
    Files.createFile(directory.resolve("go"));
    assertThat(muster("attach", "run")).isEqualTo(ExitCode.FAILED);
    assertThat(run.resolve("console.2")).content().contains("w failed after ");
    assertThat(run.resolve("console")).content().doesNotContain("w failed after ");
  }

  @Test
  void whoLeavesARunDoesNotEndIt() throws Exception {
    detach();
    Process attached = start("attach", "run");
    await()
        .atMost(PATIENCE)
        .until(() -> Files.readString(said().toPath()).contains("Wait: started"));
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(attached.pid()))
            .start()
            .waitFor())
        .isZero();
    assertThat(end(attached)).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(said()).content().contains("left the run alone: it goes on", "muster attach run");
    assertThat(Runs.of(run).state()).isEqualTo(RunState.RUNNING);
    ProcessHandle.of(Runs.of(run).pid()).orElseThrow().destroyForcibly();
    await().atMost(PATIENCE).until(() -> Runs.of(run).state() == RunState.KILLED);
    assertThat(muster("attach", "run")).isEqualTo(ExitCode.FAILED);
    assertThat(err()).contains("w was killed: its process ");
    assertThat(muster("status", "run")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("w: killed", "Wait was running on default-0");
    assertThat(muster("clean", "run")).isZero();
    assertThat(run).doesNotExist();
  }

  @Test
  void errorsBeforeTheStartAreToldWhereItWasStarted() throws Exception {
    assertThat(end(start(
            "run", "w.yaml", "--detach", "--set", "config.python=/bin/false", "--backend", "dask")))
        .isEqualTo(ExitCode.FAILED);
    assertThat(said()).content().contains("muster: the Dask bridge", "ended unexpectedly");
    assertThat(end(start("run", "w.yaml", "--detach", "--set", "bakend=x")))
        .isEqualTo(ExitCode.USAGE);
    assertThat(said()).content().contains("bakend");
    Files.createDirectory(run);
    Files.createFile(run.resolve("journal"));
    assertThat(end(start("run", "w.yaml", "--detach", "-d", "run"))).isEqualTo(ExitCode.FAILED);
    assertThat(said()).content().contains("holds a run already");
    assertThat(run.resolve("console")).doesNotExist();
  }
}
