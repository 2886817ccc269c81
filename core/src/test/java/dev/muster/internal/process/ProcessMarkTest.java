package dev.muster.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.internal.operation.Leftovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@EnabledOnOs(OS.LINUX) // there is /proc
class ProcessMarkTest {
  // An object: what makes one of a class may not see the package of that one.
  @RegisterExtension
  static final Leftovers LEFTOVERS = new Leftovers();

  /** Commands that leave their session, with a grandchild that writes its pid. */
  private static final String LEAVING = "sh -c 'echo $$ >away; exec sleep 300'";

  @TempDir
  Path directory;

  private ProcessBuilder builder(String script) {
    return new ProcessBuilder("/bin/sh", "-c", script).directory(directory.toFile());
  }

  private ProcessHandle process(String file) {
    Path path = directory.resolve(file);
    await().until(() -> Files.exists(path) && Files.size(path) > 1);
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(path).strip())).orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "setsid " + LEAVING + " & until [ -s away ]; do sleep 0.01; done",
        "(setsid " + LEAVING + " &) ; until [ -s away ]; do sleep 0.01; done", // a double fork
        "(setsid nohup " + LEAVING + " >/dev/null 2>&1 &) ; until [ -s away ]; do sleep 0.01; done",
        "setsid " + LEAVING + " & sleep 1.2; exit 3" // its tree is not young any more
      })
  void findsWhatHasLeftTheSession(String script) throws Exception {
    ProcessTree tree = ProcessTree.start(builder(script), Duration.ofSeconds(2));
    ProcessHandle away = process("away");
    tree.waitFor();
    assertThat(ProcessTable.alive(away)).isTrue();
    tree.close();
    assertThat(ProcessTable.alive(away)).isFalse();
  }

  @Test
  void findsWhatHasLeftTheSessionOfACommandThatIsCancelled() throws Exception {
    ProcessTree tree = ProcessTree.start(
        builder(
            "(setsid sh -c \"trap '' TERM; echo \\$\\$ >away; while :; do sleep 0.1; done\" &) ; wait; exec sleep 300"),
        Duration.ofMillis(200));
    ProcessHandle away = process("away");
    tree.close();
    assertThat(ProcessTable.alive(away)).isFalse();
    assertThat(tree.process().isAlive()).isFalse();
  }

  @Test
  void leavesThoseOfOthersAlone() throws Exception {
    ProcessTree other = ProcessTree.start(
        builder("(setsid " + LEAVING + " &) ; until [ -s away ]; do sleep 0.01; done"),
        ProcessTree.DEFAULT_GRACE);
    ProcessHandle away = process("away");
    ProcessTree.start(builder("exit 0"), ProcessTree.DEFAULT_GRACE).close();
    ProcessTree released = ProcessTree.startUnmarked(
        builder("echo $MUSTER_PROCESS_MARK >mark"), Duration.ofSeconds(2));
    released.waitFor();
    released.close();
    assertThat(ProcessTable.alive(away)).isTrue();
    assertThat(directory.resolve("mark")).hasContent("\n");
    other.close();
    assertThat(ProcessTable.alive(away)).isFalse();
  }

  @Test
  void aShortLookSeesWhatTheWholeTableShows() throws Exception {
    ProcessBuilder builder = builder("(setsid " + LEAVING + " &) ; exec sleep 300");
    try (ProcessTree tree = ProcessTree.start(builder, Duration.ofSeconds(2))) {
      ProcessHandle away = process("away");
      String mark = builder.environment().get(ProcessMark.VARIABLE);
      ProcessTable.Kin kin = new ProcessTable.Kin(Set.of(tree.process().pid()), Set.of(mark));
      assertThat(ProcessTable.of(kin))
          .containsExactlyInAnyOrder(away, tree.process().toHandle());
      assertThat(ProcessTable.of(kin, tree.process().pid())).containsExactly(away);
      assertThat(ProcessTable.of(new ProcessTable.Kin(Set.of(), Set.of(mark + "0"))))
          .isEqualTo(List.of());
    }
  }

  @Test
  void manyMarksDiffer() {
    assertThat(ProcessMark.next()).startsWith(ProcessMark.ofJvm()).isNotEqualTo(ProcessMark.next());
  }
}
