package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of environment variables are shown nowhere, whatever is wrong. */
class SecretsTest {
  private static final String HEAD = """
      name: w
      analysis:
        stages:
          - id: A
            op: shell
            params: {command: "true"}
      """;

  @TempDir
  private Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int muster(String... arguments) {
    return Main.execute(
        new Shell(
            new Library(),
            new Output(out),
            new Screen(new Output(err)),
            new Terminal(false, false, Map.of()),
            Clock.systemUTC(),
            directory),
        arguments);
  }

  private String shown() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "environment: {variables: {TOKEN: hunter2}, imagee: x}",
        "environment:\n  variables:\n    TOKEN: hunter2\n  imagee: x",
        "environment: {imagee: x, variables: {TOKEN: hunter2,\n  OTHER: [hunter2]}}",
        "environment: {variables: {TOKEN: \"hunter2\\0\"}}",
        "environment: {variables: {TOKEN: !!int hunter2}}",
        "environment: {variables: {TOKEN: {a: hunter2}}}",
        "environment: {variables: {TOKEN: [hunter2]}}",
        "environment: {variables: [TOKEN=hunter2]}",
        "environment: {variables: TOKEN=hunter2}",
        "environment: {variables: export TOKEN=hunter2}",
        "environment:\n  variables:\n    TOKEN=hunter2:\n    OTHER: x",
        "environment: {variables: {TOKEN=hunter2}}",
        "environment:\n  variables:\n    TOKEN: hunter2: x",
        "environment:\n  variables:\n    TOKEN: 'hunter2\n  retries: 3",
        "environment:\n  variables:\n    TOKEN: hunter2\n    TOKEN: hunter2",
        "environment:\n  \"variables\": {TOKEN: hunter2, TOKEN: x}",
        "variables: {TOKEN: hunter2}",
        "x-all: &all {TOKEN: hunter2, a: 1}\nenvironment: {variables: *all, imagee: x}",
        "params: {command: \"true\", variables: {TOKEN: hunter2, OTHER: [hunter2]}}",
        "params: {command: \"true\", variables: TOKEN=hunter2}",
        "params: {command: \"true\", variables: {TOKEN: \"hunter2\\0\"}}"
      })
  void aWrongPlaceBesideVariablesShowsNoValue(String lines) throws IOException {
    String head =
        lines.startsWith("params") ? HEAD.replace("      params: {command: \"true\"}\n", "") : HEAD;
    String file = Files.writeString(
            directory.resolve("w.yaml"),
            head + ("\n" + lines).replace("\n", "\n      ").substring(1) + "\n")
        .toString();
    int code = muster("validate", file);
    code = Math.max(code, muster("plan", file));
    code = Math.max(code, muster("run", "-v", "-d", "run", file));
    assertThat(code).as(shown()).isNotEqualTo(ExitCode.DONE);
    assertThat(shown()).contains("w.yaml:").doesNotContain("hunter2");
    for (String name : new String[] {"plan.yaml", "journal", "logs"}) {
      if (Files.exists(directory.resolve("run").resolve(name))) {
        assertThat(directory.resolve("run").resolve(name)).content().doesNotContain("hunter2");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"TOKEN='hunter2", "TOKEN=\"hunter2\" more", "hunter2", "TOKEN=a\0hunter2"})
  void aWrongLineOfAnEnvFileIsNamedAndNotShown(String line) throws IOException {
    Files.writeString(directory.resolve("my.env"), "A=b\n" + line + "\n");
    String file = Files.writeString(
            directory.resolve("w.yaml"), HEAD + "      environment: {variables: my.env}\n")
        .toString();
    assertThat(muster("run", "-v", file)).isNotEqualTo(ExitCode.DONE);
    assertThat(shown()).contains("my.env:2").doesNotContain("hunter2");
    if (line.startsWith("TOKEN")) {
      assertThat(shown()).contains("TOKEN");
    }
  }

  @Test
  void linesWithoutVariablesAreShown() throws IOException {
    String file = Files.writeString(
            directory.resolve("w.yaml"),
            HEAD + "      environment:\n        variables: {A: hunter2}\n      retriez: 3\n")
        .toString();
    assertThat(muster("validate", file)).isEqualTo(ExitCode.USAGE);
    assertThat(shown()).contains("| retriez: 3".substring(2)).doesNotContain("hunter2");
  }
}
