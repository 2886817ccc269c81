package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.spi.JobId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real Slurm, brought up by {@code scripts/sites/slurm-up.sh}, and what an administrator does with it. */
final class SlurmSite {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path folder;
  private final Map<String, String> environment;

  private SlurmSite(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /** Returns the site that the environment names. */
  static SlurmSite get() {
    String configuration = System.getenv("SLURM_CONF");
    if (configuration == null) {
      throw new AssertionError("this test needs a Slurm, and SLURM_CONF is not set: start with"
          + " eval \"$(scripts/sites/slurm-up.sh)\", and end with scripts/sites/slurm-down.sh");
    }
    Path folder = Path.of(configuration).getParent();
    if (folder == null || !Files.isExecutable(folder.resolve("up"))) {
      throw new AssertionError(
          "this test does things to nodes and daemons, so it runs on a Slurm of"
              + " scripts/sites/slurm-up.sh only, and SLURM_CONF is " + configuration);
    }
    return new SlurmSite(folder, System.getenv());
  }

  /** Returns the site whose nodes see nothing of this machine's folders. */
  static SlurmSite apart() {
    String folder = System.getenv("MUSTER_SLURM_APART");
    if (folder == null) {
      throw new AssertionError(
          "this test needs a Slurm whose nodes see nothing of this machine, and"
              + " MUSTER_SLURM_APART is not set: start with eval \"$(scripts/sites/slurm-up.sh --apart)\","
              + " and end with scripts/sites/slurm-down.sh --apart");
    }
    Path site = Path.of(folder);
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("SLURM_CONF", site.resolve("slurm.conf").toString());
    environment.merge("PATH", site.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
    return new SlurmSite(site, environment);
  }

  /** Returns the environment of programs that use it. */
  Map<String, String> environment() {
    return environment;
  }

  /** Runs a command of Slurm; returns what it printed. */
  String run(String... command) {
    try {
      // The program is looked for on the PATH of this process.
      List<String> words = new ArrayList<>(List.of("env"));
      words.addAll(List.of(command));
      ProcessBuilder builder = new ProcessBuilder(words);
      builder.environment().putAll(environment);
      Process process = builder.start();
      String out =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      String err =
          new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue())
          .as("%s: %s %s", List.of(command), out, err)
          .isZero();
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Returns what Slurm knows of a job, in one text. */
  String show(String job) {
    return run("scontrol", "show", "job", job);
  }

  /** Changes a job, for example {@code EndTime=now+1}. */
  void update(String job, String change) {
    run("scontrol", "update", "JobId=" + job, change);
  }

  /** Takes a node away. */
  void nodeDown(String node) {
    run("scontrol", "update", "NodeName=" + node, "State=DOWN", "Reason=test");
  }

  /** Waits until all nodes are usable; a node that was taken away comes back when it answers. */
  void awaitNodes() {
    await().atMost(PATIENCE).untilAsserted(() -> {
      for (String node : List.of("cpu1", "cpu2", "mem1", "gpu1")) {
        String state = run("sinfo", "-h", "-N", "-n", node, "-o", "%T");
        if (state.contains("down")) {
          run("scontrol", "update", "NodeName=" + node, "State=RESUME");
        }
        assertThat(state).doesNotContain("down");
      }
    });
  }

  /** Ends the controller, which writes down what it knows. */
  void stopController() throws IOException {
    long pid =
        Long.parseLong(Files.readString(folder.resolve("run/slurmctld.pid")).strip());
    Path program = Path.of("/proc/" + pid + "/exe");
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    // A zombie has no program.
    await().atMost(PATIENCE).until(() -> !Files.exists(program));
  }

  /** Starts whatever is missing. */
  void up() {
    run(folder.resolve("up").toString());
  }

  /** Changes a line of the configuration, for all daemons. */
  void configure(String name, String value) throws IOException {
    Path file = folder.resolve("slurm.conf");
    String text = Files.readString(file);
    Files.writeString(file, text.replaceAll("(?m)^" + name + "=.*$", name + "=" + value));
    run("scontrol", "reconfigure");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(run("scontrol", "show", "config"))
            .containsPattern("(?m)^" + name + " +=\\s*" + value + "\\b"));
  }

  /** Returns id, state and reason of each of these jobs that Slurm knows, ended ones too. */
  List<String> states(JobId... jobs) {
    List<String> ids = Stream.of(jobs).map(JobId::id).toList();
    return run("squeue", "--me", "-h", "-t", "all", "-r", "-o", "%i %T %r")
        .lines()
        .filter(line -> ids.contains(line.substring(0, line.indexOf(' '))))
        .toList();
  }

  /** Returns the ids of the jobs in the queue that have a name with this in it. */
  List<String> queue(String name) {
    return run("squeue", "--me", "-h", "-r", "-o", "%i %j")
        .lines()
        .filter(line -> line.contains(name))
        .toList();
  }
}
