package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values for the parameters of a workflow on the command line. */
class ParamOptionTest {
  @TempDir
  Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("w.yaml"), """
        params: {mass: 91.2, name: a b}
        stages:
          - name: A
            type: BashOperator
            kwargs: {bash_command: "printf '%s|' {param.mass} {param.name} > made"}
        """);
  }

  @Test
  void aRunAndAPlanHaveThem() throws IOException {
    String run = folder.resolve("run").toString();

    assertThat(execute(
            "run", file.toString(), "-d", run, "--param", "mass=90", "--param", "name=x=y z"))
        .as(err.toString(StandardCharsets.UTF_8))
        .isZero();
    assertThat(Files.readString(folder.resolve("run/A/outputs/made"))).isEqualTo("90.0|x=y z|");
    assertThat(execute("plan", file.toString(), "--format", "yaml", "--param", "mass=90"))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("params: {mass: 90, name: a b}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mass     | --param mass: expected NAME=VALUE",
        "=4       | --param =4: expected NAME=VALUE",
        "mas=4    | w.yaml:1:1: error: the workflow has no parameter 'mas', which was given a value",
        "mass=big | w.yaml:1:10: error: the value given for the parameter 'mass' does not suit"
      })
  void whatIsWrongIsTold(String param, String expected) {
    for (String command : new String[] {"run", "plan", "explain", "validate"}) {
      err.reset();
      assertThat(execute(command, file.toString(), "--param", param)).isEqualTo(ExitCode.USAGE);
      assertThat(err.toString(StandardCharsets.UTF_8)).contains(expected);
    }
  }

  private int execute(String... arguments) {
    Output output = new Output(out);
    Shell shell = new Shell(
        new Library(),
        output,
        new Screen(new Output(err)),
        Terminal.ofThisProcess(),
        Clock.systemUTC(),
        folder);
    return Main.execute(shell, arguments);
  }
}
