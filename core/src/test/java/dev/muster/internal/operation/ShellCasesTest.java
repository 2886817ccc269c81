package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.internal.process.Launchers;
import dev.muster.spi.WorkerCredentials;
import dev.muster.value.JsonValues;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import dev.muster.workflow.WorkflowParams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of shell commands that every implementation of the operation {@code shell} goes by; the one in Python reads
 * it too.
 */
@Timeout(30)
@ExtendWith(Leftovers.class)
class ShellCasesTest {
  @TempDir
  Path directory;

  private final Launchers launchers = new Launchers("test");

  @AfterEach
  void closeLaunchers() {
    launchers.close();
  }

  static Stream<Arguments> cases() throws IOException {
    return ((List<?>) read("shell-cases.json"))
        .stream().map(each -> Arguments.of(((Map<?, ?>) each).get("name"), each));
  }

  private static Object read(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(ShellCasesTest.class.getResourceAsStream(name))) {
      return Objects.requireNonNull(JsonValues.parse(in.readAllBytes()));
    }
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> params(Map<?, ?> row) {
    Map<String, Object> params = new LinkedHashMap<>((Map<String, Object>) row);
    params.keySet().retainAll(List.of("command", "capture", "shell"));
    return params;
  }

  /** Workers get commands compiled; this is what their tests go by. */
  @Test
  void aCommandIsCompiledAsTheOtherTableSays() throws IOException {
    Map<String, Object> compiled = new LinkedHashMap<>();
    for (Object each : (List<?>) read("shell-cases.json")) {
      Map<?, ?> row = (Map<?, ?>) each;
      try {
        compiled.put(
            (String) row.get("name"),
            ShellCommand.parse(params(row), WorkflowParams.none()).json());
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining(String.valueOf(row.get("error")));
      }
    }
    assertThat(JsonValues.text(compiled, "the commands"))
        .isEqualTo(JsonValues.text(read("shell-code.json"), "the table"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void aCommandDoesWhatTheTableSays(String name, Map<String, Object> row) throws Exception {
    Stage stage = Stage.builder("Plot").op("shell").params(params(row)).build();
    List<String> files = List.of("/data/a b.root", "root://host//c");
    FakeContext context = new FakeContext(stage, directory);
    context.partition = new Partition(4, "muons", files, 10, 5);
    context.dataset = new Dataset("muons", files, List.of(), Map.of());
    ((Map<?, ?>) row.get("inputs")).forEach((key, value) -> context.input((String) key, value));
    if (row.get("error") instanceof String error) {
      assertThatThrownBy(() -> operation(stage).run(context)).hasMessageContaining(error);
      return;
    }
    if (row.containsKey("result")) {
      assertThat(operation(stage).run(context)).isEqualTo(row.get("result"));
    }
    if (row.get("text") instanceof String text) {
      ShellScript rendered = ShellScript.fill(
          ShellContextsTest.compiled((String) row.get("command")),
          new TaskWords(context, directory, new FileLists(null, "Plot"))::of);
      assertThat(rendered.text()).isEqualTo(text);
      if (row.get("shown") instanceof String shown) {
        assertThat(rendered.shown()).isEqualTo(shown);
      }
    }
  }

  private ShellOperation operation(Stage stage) {
    return new ShellOperation(
        ShellCommand.parse(stage.params(), WorkflowParams.none()),
        Duration.ofMillis(500),
        null,
        WorkerCredentials.none(),
        launchers,
        new FileLists(null, "Plot"));
  }
}
