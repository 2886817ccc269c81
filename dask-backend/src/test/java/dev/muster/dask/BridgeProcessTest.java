package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bridges that are shell scripts. */
@Timeout(120)
class BridgeProcessTest {
  @TempDir
  Path folder;

  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

  private BridgeProcess start(String... lines) throws IOException {
    Path script = folder.resolve("bridge");
    Files.writeString(script, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return BridgeProcess.start(
        "run",
        script.toString(),
        folder.resolve("modules"),
        folder,
        folder.resolve("log"),
        new BridgeProcess.Listener() {
          @Override
          public void message(Map<String, @Nullable Object> message) {
            if (message.containsKey("bad")) {
              throw new IllegalArgumentException("expected good, got bad");
            }
            heard.add(message.toString());
          }

          @Override
          public void ended(String how) {
            heard.add("ended: " + how);
          }
        });
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }

  @Test
  void messagesGoBothWays() throws Exception {
    try (BridgeProcess bridge =
        start("IFS= read -r line", "printf '%s\\n' \"$line\"", "echo '{\"n\":2}'", "cat")) {
      bridge.send(Map.of("a", "é\n"));
      await().until(() -> heard.size() == 2);
      assertThat(heard).containsExactly("{a=é\n}", "{n=2}");
    }
    assertThat(heard).hasSize(2); // One that was closed has not ended unexpectedly.
  }

  @Test
  void aLongMessageIsReadWhole() throws Exception {
    String text = "x".repeat(1 << 20);
    try (BridgeProcess bridge = start("cat")) {
      bridge.send(Map.of("long", text));
      bridge.send(Map.of("n", 1));
      await().until(() -> heard.size() == 2);
      assertThat(heard).containsExactly("{long=" + text + "}", "{n=1}");
    }
  }

  @Test
  void releasesThatWaitTravelTogetherAndInTheirPlace() throws Exception {
    try (BridgeProcess bridge = start("while [ ! -e go ]; do sleep 0.05; done", "cat")) {
      bridge.send(Map.of("long", "x".repeat(1 << 20))); // more than a pipe holds
      bridge.release(1);
      bridge.release(2);
      bridge.send(Map.of("n", 1));
      bridge.release(3);
      Files.createFile(folder.resolve("go"));
      await().until(() -> heard.size() == 4);
      assertThat(heard.subList(1, 4))
          .extracting(text -> text.replaceAll("op=release, |, op=release", ""))
          .containsExactly("{tasks=[1, 2]}", "{n=1}", "{tasks=[3]}");
    }
  }

  @Test
  void aBridgeThatDiesIsToldWithItsExitCodeAndItsLog() throws Exception {
    try (BridgeProcess bridge = start("echo 'no module named distributed' >&2", "exit 3")) {
      await().until(() -> heard.size() == 1);
      assertThat(heard.get(0))
          .startsWith("ended: the Dask bridge (process " + bridge.pid() + ") ended unexpectedly:")
          .contains("exit code 3", "no module named distributed");
      bridge.send(Map.of("a", 1)); // It goes nowhere, and does no harm.
    }
    assertThat(heard).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no JSON | cannot be understood",
        "{\"n\": | cannot be understood",
        "42 | expected an object, got 42",
        "null | expected an object, got null",
        "{\"bad\":1} | expected good, got bad",
      })
  void aBridgeThatCannotBeUnderstoodEndsTheRun(String line, String expected) throws Exception {
    try (BridgeProcess bridge =
        start("echo '{\"n\":1}'", "echo '" + line + "'", "echo '{\"n\":2}'", "cat")) {
      await().until(() -> heard.size() == 2);
      assertThat(heard.get(0)).isEqualTo("{n=1}");
      assertThat(heard.get(1))
          .contains("process " + bridge.pid(), "cannot be understood", expected);
    }
    assertThat(heard).hasSize(2);
  }

  @Test
  void aProgramThatIsNotThereIsNamedWithWhatToInstall() {
    assertThatThrownBy(() -> BridgeProcess.start(
            "run",
            folder.resolve("nowhere").toString(),
            folder,
            folder,
            folder.resolve("log"),
            new BridgeProcess.Listener() {
              @Override
              public void message(Map<String, @Nullable Object> message) {
                heard.add(message.toString());
              }

              @Override
              public void ended(String how) {
                heard.add(how);
              }
            }))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining(folder.resolve("nowhere").toString())
        .hasMessageContaining("install it with 'distributed'");
    assertThat(heard).isEmpty();
  }

  @Test
  void noThreadOrProcessOfAClosedBridgeIsLeft() throws Exception {
    BridgeProcess bridge = start("echo '{\"n\":1}'", "cat > /dev/null");
    await().until(() -> heard.size() == 1);
    bridge.close();
    bridge.close();
    assertThat(ProcessHandle.of(bridge.pid())).isEmpty();
    await()
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().startsWith("muster-dask-reader@")
                || thread.getName().startsWith("muster-dask-writer@")));
  }
}
