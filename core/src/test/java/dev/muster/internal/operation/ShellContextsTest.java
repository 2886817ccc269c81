package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.code.Template;
import dev.muster.run.TaskException;
import dev.muster.value.JsonValues;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile values in many places of a command, under dash and bash: each does what a plain function of the shell does
 * that has the value as {@code "$1"}, or the place is refused.
 */
@Timeout(120)
class ShellContextsTest {
  // For each value a folder of its own; its output, exit code and the files that are there then.
  private static final String DRIVER = """
      mkdir $(seq 0 $((COUNT - 1)))
      i=0
      while [ "$i" -lt "$COUNT" ]; do
        cd "$i" || exit 1
        eval "MUSTER_ARG_1=\\$VALUE_$i; MUSTER_ARG_2=\\$VALUE_$i"
        export MUSTER_ARG_1 MUSTER_ARG_2
        "$SHELL_USED" -c "$TEXT" "$SHELL_USED" "$MUSTER_ARG_1" </dev/null 2>/dev/null
        echo "-- $i: exit code $?"
        printf '%s\n' * .[!.]*
        cd ..
        i=$((i + 1))
      done
      """;

  @TempDir
  Path directory;

  private static Map<?, ?> table() throws IOException {
    try (InputStream in = Objects.requireNonNull(
        ShellContextsTest.class.getResourceAsStream("shell-contexts.json"))) {
      return (Map<?, ?>) Objects.requireNonNull(JsonValues.parse(in.readAllBytes()));
    }
  }

  private static Stream<Map<?, ?>> contexts() throws IOException {
    return ((List<?>) Objects.requireNonNull(table().get("contexts")))
        .stream().map(each -> (Map<?, ?>) each);
  }

  private static List<String> values() throws IOException {
    return ((List<?>) Objects.requireNonNull(table().get("values")))
        .stream().map(String.class::cast).toList();
  }

  static Stream<Arguments> right() throws IOException {
    return contexts()
        .filter(each -> each.containsKey("plain"))
        .flatMap(each ->
            Stream.of("dash", "bash").map(shell -> Arguments.of(each.get("name"), shell, each)));
  }

  static Stream<Arguments> refused() throws IOException {
    return contexts()
        .filter(each -> each.containsKey("refused"))
        .map(each -> Arguments.of(each.get("name"), each.get("text"), each.get("refused")));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("right")
  void aValueIsWhatAFunctionGets(String name, String shell, Map<?, ?> row) throws Exception {
    Template template = compiled((String) row.get("text"));
    List<String> values = new ArrayList<>();
    String text = "";
    for (String value : values()) {
      ShellScript script;
      try {
        script = ShellScript.fill(template, slot -> List.of(value));
      } catch (TaskException e) {
        assertThat(row.containsKey("numbers")).isTrue();
        assertThat(value).doesNotMatch("-?[1-9]");
        continue;
      }
      assertThat(script.variables().values()).isNotEmpty().allMatch(value::equals);
      text = script.text();
      values.add(value);
    }
    assertThat(values).hasSizeGreaterThan(1);
    String plain = "value() {\n" + row.get("plain") + "\n}\nvalue \"$1\"";
    String got = run("got", shell, text, values);
    assertThat(got).isEqualTo(run("wanted", shell, plain, values));
    assertThat(got).doesNotContain("\nx\n");
  }

  private String run(String folder, String shell, String text, List<String> values)
      throws Exception {
    Path place = Files.createDirectory(directory.resolve(folder));
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      variables.put("VALUE_" + i, values.get(i));
    }
    variables.put("COUNT", Integer.toString(values.size()));
    variables.put("SHELL_USED", shell);
    variables.put("TEXT", text);
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", DRIVER).directory(place.toFile()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(variables);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said;
  }

  /** Compiles a command; throws the first of what is wrong. */
  static Template compiled(String text) {
    List<Misplaced> wrong = new ArrayList<>();
    Template template = ShellParser.parse(new ParamText("command", text), wrong::add);
    assertThat(template.slots()).hasSameSizeAs(Placeholder.find(text));
    if (!wrong.isEmpty()) {
      throw wrong.get(0);
    }
    return template;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void aPlaceThatIsNotCertainIsRefused(String name, String text, String why) {
    assertThatThrownBy(() -> compiled(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why)
        .hasMessageMatching(
            "(?s)the placeholder \\{input\\.x} in line \\d+, column \\d+ of the command .*; .*");
    // A command without placeholders is never refused.
    assertThat(compiled(text.replace("{input.x}", "x")).slots()).isEmpty();
  }
}
