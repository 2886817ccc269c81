package dev.muster.gridengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real Grid Engine, brought up by {@code scripts/sites/gridengine-up.sh}, and what an administrator does with it. */
final class GridEngineSite {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path folder;

  private GridEngineSite(Path folder) {
    this.folder = folder;
  }

  /** Returns the site that the environment names. */
  static GridEngineSite get() {
    String folder = System.getenv("MUSTER_GRIDENGINE");
    if (folder == null || System.getenv("SGE_ROOT") == null) {
      throw new AssertionError(
          "this test needs a Grid Engine, and MUSTER_GRIDENGINE and SGE_ROOT are not set: start"
              + " with eval \"$(scripts/sites/gridengine-up.sh)\", and end with scripts/sites/gridengine-down.sh");
    }
    return new GridEngineSite(Path.of(folder));
  }

  /** Runs a command that succeeds; returns what it printed. */
  String run(String... command) {
    try {
      List<String> words = new ArrayList<>(List.of("env"));
      words.addAll(List.of(command));
      Path err = Files.createTempFile("gridengine", ".err");
      Process process = new ProcessBuilder(words).redirectError(err.toFile()).start();
      String out =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue())
          .as("%s: %s %s", List.of(command), out, Files.readString(err))
          .isZero();
      Files.delete(err);
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private String qmaster() {
    return pid("qmaster");
  }

  private String pid(String daemon) {
    try {
      return Files.readString(folder.resolve("run/" + daemon + ".pid")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The daemons are root's. */
  private void signal(String signal, String pid) {
    if (System.getProperty("user.name").equals("root")) {
      run("kill", signal, pid);
    } else {
      run("sudo", "-n", "kill", signal, pid);
    }
  }

  /** Makes that the qmaster does not answer; or that it does again. */
  void answer(boolean answers) {
    signal(answers ? "-CONT" : "-STOP", qmaster());
  }

  /** Makes that a host does not answer the qmaster; or that it does again. */
  void answer(String host, boolean answers) {
    signal(answers ? "-CONT" : "-STOP", pid("execd-" + host));
  }

  /** Sets how long a host may say nothing, for example {@code 00:05:00}. */
  void maxUnheard(String time) {
    String now = run("qconf", "-sconf", "global").replaceFirst("(?m)^#.*\\n", "");
    try {
      Path file = Files.createTempDirectory("gridengine").resolve("global");
      Files.writeString(
          file, now.replaceFirst("(?m)^max_unheard .*$", "max_unheard " + time) + "\n");
      run("qconf", "-Mconf", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the qmaster at once, as a crash does. */
  void killQmaster() {
    String pid = qmaster();
    signal("-KILL", pid);
    // A zombie has no program.
    await().atMost(PATIENCE).until(() -> !Files.exists(Path.of("/proc", pid, "exe")));
  }

  /** Starts whatever is missing. */
  void up() {
    run(folder.resolve("up").toString());
  }
}
