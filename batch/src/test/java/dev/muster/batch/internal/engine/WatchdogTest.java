package dev.muster.batch.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.OtherJvm;
import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class WatchdogTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  private final Map<String, String> environment = new HashMap<>(System.getenv());
  private Watchdog watchdog;
  private Process jvm;

  @BeforeEach
  void setUp() throws IOException {
    // Each call of qdel leaves a line; it fails as long as a file says so.
    script("qdel", "echo \"$*\" >>cancelled; if [ -e down ]; then echo no >&2; exit 1; fi");
    script("qsub", "echo 17");
    environment.put("PATH", directory + ":" + environment.get("PATH"));
    environment.put("FOLDER", directory.toString());
    watchdog = new Watchdog(
        environment,
        directory.resolve("watchdog.log"),
        new Watchdog.Patience(5, Duration.ZERO),
        Duration.ofSeconds(20));
  }

  @AfterEach
  void tearDown() {
    watchdog.close(true);
    if (jvm != null) {
      jvm.destroyForcibly();
    }
  }

  private void script(String name, String text) throws IOException {
    Path file =
        Files.writeString(directory.resolve(name), "#!/bin/sh\ncd \"$FOLDER\"\n" + text + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private List<String> cancelled() throws IOException {
    Path file = directory.resolve("cancelled");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private Process process() {
    return Objects.requireNonNull(watchdog.process());
  }

  private int end() throws InterruptedException {
    assertThat(process().waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process().exitValue();
  }

  @Test
  void doesNothingAfterAnOrderlyEnd() throws Exception {
    watchdog.add(List.of("qdel", "-t", "a"));
    watchdog.close(true);
    assertThat(end()).isZero();
    assertThat(cancelled()).isEmpty();
    assertThat(Files.size(directory.resolve("watchdog.log"))).isZero();
  }

  @Test
  void startsNoProcessUntilItIsNeeded() {
    assertThat(watchdog.process()).isNull();
    watchdog.close(true);
    assertThat(watchdog.process()).isNull();
  }

  @Test
  void goesOnWithWhatIsLeft() throws Exception {
    int dropped = watchdog.add(List.of("qdel", "-t", "a"));
    watchdog.add(List.of("qdel", "-t", "it's a $(touch pwned) \"b\""));
    watchdog.add(List.of("qdel", "c"));
    watchdog.drop(dropped);
    watchdog.drop(dropped);
    watchdog.close(false);
    assertThat(end()).isZero();
    assertThat(cancelled())
        .containsExactly(
            "-t it's a $(touch pwned) \"b\"", "c", "-t it's a $(touch pwned) \"b\"", "c");
    assertThat(directory.resolve("pwned")).doesNotExist();
  }

  @Test
  void givesUpAfterItsRounds() throws Exception {
    Files.createFile(directory.resolve("down"));
    watchdog.add(List.of("qdel", "a"));
    watchdog.close(false);
    assertThat(end()).isEqualTo(1);
    assertThat(cancelled()).hasSize(5);
    assertThat(directory.resolve("watchdog.log")).content().contains("exit code 1", "given up");
  }

  @Test
  void outlivesSignalsAndStartsAnewWhenKilled() throws Exception {
    watchdog.add(List.of("qdel", "a"));
    Process first = process();
    for (String signal : List.of("TERM", "INT", "HUP")) {
      assertThat(
              new ProcessBuilder("kill", "-" + signal, "" + first.pid()).start().waitFor())
          .isZero();
    }
    assertThat(first.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
    first.destroyForcibly();
    assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
    watchdog.add(List.of("qdel", "b"));
    assertThat(process()).isNotSameAs(first);
    watchdog.close(false);
    assertThat(end()).isZero();
    assertThat(cancelled()).containsExactly("a", "b", "a", "b");
  }

  @Test
  void rejectsACommandThatItCannotRead() {
    assertThatThrownBy(() -> watchdog.add(List.of("qdel", "a\nb")))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("line break");
  }

  @Test
  void cancelsTheJobsOfAJvmThatIsKilled() throws Exception {
    jvm =
        OtherJvm.start(Program.class, environment, directory.resolve("log"), directory.toString());
    await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(directory.resolve("ready")) || !jvm.isAlive());
    assertThat(directory.resolve("ready"))
        .as(Files.readString(directory.resolve("log")))
        .exists();
    assertThat(cancelled()).isEmpty();
    jvm.destroyForcibly();
    await().atMost(PATIENCE).until(() -> !cancelled().isEmpty());
    assertThat(cancelled().get(0)).matches("-t pool\\.run\\.[0-9a-f]{6}-1");
    // It cancels once more a while later; that is not waited for.
    ProcessHandle.allProcesses()
        .filter(each -> each.info().commandLine().orElse("").contains("muster-watchdog")
            && each.info().commandLine().orElse("").contains(directory.toString()))
        .forEach(ProcessHandle::destroyForcibly);
  }

  /** Submits a job and waits for its own end. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[0]);
      try (BatchSystem system =
          new RunStrategyContext("run", directory, Map.of()).system(new Words())) {
        system.submit(JobSpec.builder("pool", List.of("true"), directory).build(), 1);
        Files.createFile(directory.resolve("ready"));
        new CountDownLatch(1).await();
      }
    }
  }

  /** The words of {@code qsub} and {@code qdel}. */
  private static final class Words implements BatchDialect {
    @Override
    public String name() {
      return "words";
    }

    @Override
    public Set<String> options() {
      return Set.of();
    }

    @Override
    public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
      return new Submission(List.of("qsub", tag), Map.of(), null);
    }

    @Override
    public SubmitOutcome submitted(CommandResult answer, int copies) {
      return new SubmitOutcome.Accepted(List.of(new JobId(answer.out().strip())));
    }

    @Override
    public List<StatusSource> statusSources(List<JobArray> arrays) {
      return List.of();
    }

    @Override
    public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
      return new StatusReport.Answered(Map.of());
    }

    @Override
    public List<String> cancelCommand(Set<JobId> jobs) {
      return List.of("qdel", jobs.toString());
    }

    @Override
    public List<String> cancelCommand(String tag) {
      return List.of("qdel", "-t", tag);
    }

    @Override
    public List<String> versionCommand() {
      return List.of("qsub", "--version");
    }
  }
}
