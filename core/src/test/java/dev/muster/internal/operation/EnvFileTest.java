package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvFileTest {
  @TempDir
  Path directory;

  private final List<Problem> problems = new ArrayList<>();

  private Map<String, String> read(String text) throws IOException {
    Path file = directory.resolve("my.env");
    Files.writeString(file, text);
    return EnvFile.read(file, "stage Fit.environment.variables", null, problems);
  }

  @Test
  void readsTheExampleOfTheLanguage() throws IOException {
    assertThat(read("STATS_METHOD=CLs\n")).isEqualTo(Map.of("STATS_METHOD", "CLs"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A=b              | b",
        "A = b c          | b c",
        "export A=b       | b",
        "A=b # comment    | b",
        "A=b#c            | b#c",
        "A=b=c            | b=c",
        "A='b # c'        | b # c",
        "A='$x\\n'        | $x\\n",
        "A=\"b \\\"c\\\"\" # d | b \"c\"",
        "A=\"$HOME \\$x\" | $HOME $x",
        "A=\"a\\tb\\qc\"  | `a\tb\\qc`",
        "A=$HOME          | $HOME",
        "A=größe          | größe",
      })
  void readsValues(String line, String value) throws IOException {
    assertThat(read(line)).isEqualTo(Map.of("A", value));
    assertThat(problems).isEmpty();
  }

  @Test
  void readsEmptyValuesBlankLinesAndComments() throws IOException {
    assertThat(read("\uFEFF# first\r\n\r\nA=\r\nB=''\nC= # none\n  D=1\n"))
        .isEqualTo(Map.of("A", "", "B", "", "C", "", "D", "1"));
  }

  @Test
  void takesTheLastLineForAVariable() throws IOException {
    assertThat(read("A=1\nA=2")).isEqualTo(Map.of("A", "2"));
  }

  @Test
  void reportsEveryProblemWithItsLineAndNoValue() throws IOException {
    read("A=1\nsecret words\n1B=secret\nC='secret\nD=\"x\" secret\nE-F=secret\n=secret\n");
    String file = directory.resolve("my.env").toString();
    assertThat(problems)
        .extracting(Problem::location)
        .containsExactly(
            new SourceLocation(file, 2, 1),
            new SourceLocation(file, 3, 1),
            new SourceLocation(file, 4, 1),
            new SourceLocation(file, 5, 1),
            new SourceLocation(file, 6, 1),
            new SourceLocation(file, 7, 1));
    assertThat(problems)
        .allSatisfy(problem -> assertThat(problem.toString())
            .contains("stage Fit.environment.variables")
            .doesNotContain("secret"));
  }

  @Test
  void reportsAFileThatCannotBeRead() throws IOException {
    assertThat(EnvFile.read(directory.resolve("none.env"), "v", null, problems)).isEmpty();
    EnvFile.read(directory, "v", null, problems);
    Path binary = Files.write(directory.resolve("b"), new byte[] {'A', '=', (byte) 0xff});
    EnvFile.read(binary, "v", null, problems);
    assertThat(problems).extracting(Problem::message).hasSize(3);
    assertThat(problems.get(0).message()).endsWith("none.env does not exist");
    assertThat(problems.get(1).message()).contains("is not a regular file");
    assertThat(problems.get(2).message()).endsWith("is not UTF-8 text");
  }
}
