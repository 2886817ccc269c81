package dev.muster.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.internal.operation.Leftovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ProcessTreeTest {
  // An object: what makes one of a class may not see the package of that one.
  @RegisterExtension
  static final Leftovers LEFTOVERS = new Leftovers();

  @TempDir
  Path directory;

  private ProcessTree start(String script, Duration grace) throws IOException {
    return ProcessTree.start(
        new ProcessBuilder("/bin/sh", "-c", script).directory(directory.toFile()), grace);
  }

  private long pid(String file) {
    Path path = directory.resolve(file);
    await().until(() -> Files.exists(path) && Files.size(path) > 1);
    try {
      return Long.parseLong(Files.readString(path).strip());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessTable::alive).isPresent();
  }

  @Test
  void returnsTheExitCode() throws Exception {
    try (ProcessTree tree = start("exit 7", ProcessTree.DEFAULT_GRACE)) {
      assertThat(tree.waitFor()).isEqualTo(7);
    }
  }

  @Test
  void doesNotChangeTheBuilder() throws Exception {
    ProcessBuilder builder = new ProcessBuilder("/bin/true");
    try (ProcessTree tree = ProcessTree.start(builder, ProcessTree.DEFAULT_GRACE)) {
      assertThat(tree.waitFor()).isZero();
    }
    assertThat(builder.command()).containsExactly("/bin/true");
  }

  @Test
  void endsChildrenAndGrandchildren() throws Exception {
    ProcessTree tree = start(
        "sh -c 'sleep 300 & echo $! > inner; wait' & echo $! > outer; wait", Duration.ofSeconds(2));
    long outer = pid("outer");
    long inner = pid("inner");
    assertThat(alive(outer)).isTrue();
    assertThat(alive(inner)).isTrue();

    tree.close();

    assertThat(alive(outer)).isFalse();
    assertThat(alive(inner)).isFalse();
    assertThat(tree.process().isAlive()).isFalse();
    assertThat(tree.waitFor()).isEqualTo(128 + 15);
  }

  @Test
  void endsWhatAProcessLeftBehind() throws Exception {
    try (ProcessTree tree = start("sleep 300 & echo $! > orphan", Duration.ofSeconds(2))) {
      assertThat(tree.waitFor()).isZero();
      assertThat(alive(pid("orphan"))).isTrue();
    }
    assertThat(alive(pid("orphan"))).isFalse();
  }

  @Test
  void waitsForWhatServesIt() throws Exception {
    String server = "trap \"\" TERM; echo > there; sleep 0.5; echo > over";
    try (ProcessTree tree = start(
        "MUSTER_PROCESS_OWNER=$MUSTER_PROCESS_MARK env -u MUSTER_PROCESS_MARK setsid sh -c '"
            + server + "' & until [ -e there ]; do sleep 0.02; done",
        Duration.ofSeconds(10))) {
      assertThat(tree.waitFor()).isZero();
    }
    assertThat(directory.resolve("over")).exists();
  }

  @Test
  void letsAProcessCleanUp() throws Exception {
    ProcessTree tree = start(
        "trap 'echo clean > cleaned; exit 3' TERM; echo $$ > ready; while :; do sleep 0.02; done",
        Duration.ofSeconds(10));
    pid("ready");
    tree.close();
    assertThat(directory.resolve("cleaned")).hasContent("clean");
    assertThat(tree.waitFor()).isEqualTo(3);
  }

  @Test
  void killsWhatDoesNotEndByItself() throws Exception {
    ProcessTree tree = start(
        "trap '' TERM; echo $$ > ready; while :; do sleep 0.02; done", Duration.ofMillis(100));
    pid("ready");
    tree.close();
    assertThat(tree.waitFor()).isEqualTo(ExitCode.KILLED);
  }

  @Test
  void endsAStoppedProcess() throws Exception {
    ProcessTree tree = start("echo $$ > ready; kill -STOP $$; echo on", Duration.ofMillis(100));
    pid("ready");
    tree.close();
    assertThat(tree.process().isAlive()).isFalse();
  }

  @Test
  void keepsTheInterruptOfAThreadThatCloses() throws Exception {
    ProcessTree tree = start("sleep 300", Duration.ofSeconds(2));
    Thread.currentThread().interrupt();
    tree.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(tree.process().isAlive()).isFalse();
  }

  @Test
  @Timeout(60)
  void endsManyAtOnceWithinOneGracePeriod() throws Exception {
    Duration grace = Duration.ofSeconds(2);
    List<ProcessTree> trees = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      trees.add(start("trap '' TERM; echo x > r" + i + "; while :; do sleep 0.2; done", grace));
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> {
      try (var files = Files.list(directory)) {
        return files.count() == trees.size();
      }
    });
    long begin = System.nanoTime();
    ProcessTree.end(trees);
    // One after the other would take the grace period of each.
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isLessThan(grace.multipliedBy(trees.size() - 2));
    assertThat(trees).noneMatch(tree -> tree.process().isAlive());
  }

  @Test
  void closesTwice() throws Exception {
    ProcessTree tree = start("sleep 300", Duration.ofSeconds(2));
    tree.close();
    tree.close();
    assertThat(tree.process().isAlive()).isFalse();
  }

  @Test
  void endsWithTheJvm() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process jvm = new ProcessBuilder(
            java,
            "-cp",
            System.getProperty("java.class.path") + ":target/classes:"
                + System.getProperty("jdk.module.path", ""),
            Sleeper.class.getName())
        .redirectErrorStream(true)
        .start();
    String pid;
    try (var out = jvm.inputReader()) {
      do {
        pid = out.readLine();
      } while (pid != null && !pid.matches("\\d+"));
    }
    assertThat(pid).isNotNull();
    assertThat(jvm.waitFor()).isZero();
    assertThat(alive(Long.parseLong(pid))).isFalse();
  }

  /** Starts a process, prints its id, and ends without closing it. */
  public static final class Sleeper {
    private Sleeper() {}

    public static void main(String[] args) throws IOException {
      ProcessTree tree =
          ProcessTree.start(new ProcessBuilder("sleep", "300"), Duration.ofSeconds(2));
      System.out.println(tree.process().pid());
    }
  }
}
