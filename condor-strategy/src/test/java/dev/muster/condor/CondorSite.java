package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** A real HTCondor, brought up by {@code scripts/sites/condor-up.sh}, and what users and administrators do with it. */
final class CondorSite {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path work;
  private final Map<String, String> environment;

  private CondorSite(Path work, Map<String, String> environment) {
    this.work = work;
    this.environment = environment;
  }

  /** Makes folders that the machines of the pool see. */
  static final class SharedFolder implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
        throws IOException {
      return get().folder();
    }
  }

  /** Returns the site that the environment names. */
  static CondorSite get() {
    Path work = Path.of(variable("MUSTER_CONDOR_WORK", ""));
    checkUser();
    return new CondorSite(work, System.getenv());
  }

  /** Returns the site whose jobs see nothing of this machine's folders. */
  static CondorSite apart() {
    Path home = Path.of(variable("MUSTER_CONDOR_APART", " --apart"));
    checkUser();
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.merge("PATH", home.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
    return new CondorSite(home.resolve("work"), environment);
  }

  private static String variable(String name, String option) {
    String value = System.getenv(name);
    if (value == null) {
      throw new AssertionError("this test needs an HTCondor, and " + name
          + " is not set: start with eval \"$(scripts/sites/condor-up.sh" + option
          + ")\", and end with scripts/sites/condor-down.sh" + option);
    }
    return value;
  }

  private static void checkUser() {
    String user = variable("MUSTER_CONDOR_USER", "");
    if (!user.equals(System.getProperty("user.name"))) {
      throw new AssertionError("HTCondor takes jobs of " + user + " only, and this test runs as "
          + System.getProperty("user.name")
          + ": run it with Maven, which starts it with MUSTER_CONDOR_JAVA");
    }
  }

  /** Returns the environment of programs that use it. */
  Map<String, String> environment() {
    return environment;
  }

  /** Makes a folder that the queue sees. */
  Path folder() {
    try {
      return Files.createTempDirectory(work, "test-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Answer(int code, String out, String err) {}

  private Answer answer(String... command) {
    try {
      // The program is looked for on the PATH of this process.
      List<String> words = new ArrayList<>(List.of("env"));
      words.addAll(List.of(command));
      ProcessBuilder builder =
          new ProcessBuilder(words).redirectInput(Path.of("/dev/null").toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
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
