package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** A real HTCondor, brought up by {@code scripts/sites/condor-up.sh}, and what users and administrators do with it. */
final class CondorSite {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path work;

  private CondorSite(Path work) {
    this.work = work;
  }

  /** Makes folders that the machines of the pool see. */
  static final class SharedFolder implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
        throws IOException {
      return Files.createTempDirectory(get().work, "test-");
    }
  }

  /** Returns the site that the environment names. */
  static CondorSite get() {
    for (String variable : List.of("MUSTER_CONDOR_WORK", "MUSTER_CONDOR_USER")) {
      if (System.getenv(variable) == null) {
        throw new AssertionError(
            "this test needs an HTCondor, and " + variable
                + " is not set: start with eval \"$(scripts/sites/condor-up.sh)\", and end with scripts/sites/condor-down.sh");
      }
    }
    String user = System.getenv("MUSTER_CONDOR_USER");
    if (!user.equals(System.getProperty("user.name"))) {
      throw new AssertionError("HTCondor takes jobs of " + user + " only, and this test runs as "
          + System.getProperty("user.name")
          + ": run it with Maven, which starts it with MUSTER_CONDOR_JAVA");
    }
    return new CondorSite(Path.of(System.getenv("MUSTER_CONDOR_WORK")));
  }

  private record Answer(int code, String out, String err) {}

  private static Answer answer(String... command) {
    try {
      Process process = new ProcessBuilder(command)
          .redirectInput(Path.of("/dev/null").toFile())
          .start();
      String out =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      String err =
          new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      return new Answer(process.exitValue(), out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Runs a command of HTCondor; returns what it printed. */
  String run(String... command) {
    Answer answer = answer(command);
    assertThat(answer.code())
        .as("%s: %s %s", Arrays.toString(command), answer.out(), answer.err())
        .isZero();
    return answer.out();
  }

  /** Returns an attribute of a job in the queue, as ClassAds write it. */
  String attribute(String job, String name) {
    return run("condor_q", job, "-af:V", name);
  }

  /** Returns the ids of the jobs in the queue under tags that start so. */
  List<String> queue(String tag) {
    return run("condor_q", "-af", "ClusterId", "ProcId", "MusterTag")
        .lines()
        .filter(line -> line.contains(" " + tag))
        .toList();
  }

  /** Takes the queue away; jobs go on. */
  void stopQueue() {
    run("condor_off", "-schedd", "-fast");
    await().atMost(PATIENCE).until(() -> answer("condor_q").code() != 0);
  }

  /** Brings the queue back. */
  void startQueue() {
    run("condor_on", "-schedd");
    await().atMost(PATIENCE).until(() -> answer("condor_q").code() == 0);
  }
}
