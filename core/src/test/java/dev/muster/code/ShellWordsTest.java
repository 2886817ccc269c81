package dev.muster.code;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "plain",
        "two words",
        "it's",
        "''",
        "\"quoted\"",
        "$(touch pwned)",
        "`touch pwned`",
        "${HOME}",
        "line\nbreak",
        "\n",
        "tab\there",
        "back\\slash\\",
        "*?[a]",
        "~",
        "#no comment",
        ";rm -rf /;",
        "&& false",
        "größe 中 🎉",
        "-n",
        "!!"
      })
  void aShellReadsBackWhatWasQuoted(String word) throws Exception {
    Process shell = new ProcessBuilder(
            "/bin/sh", "-c", "printf '[%s]' " + ShellWords.quote(word) + " end")
        .start();
    String printed = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).isZero();
    assertThat(printed).isEqualTo("[" + word + "][end]");
  }

  @ParameterizedTest
  @CsvSource({"a/b.txt, a/b.txt", "a b, \"'a b'\"", "'', \"''\""})
  void quotesOnlyWhatNeedsIt(String word, String quoted) {
    assertThat(ShellWords.quote(word)).isEqualTo(quoted.replace("\"", ""));
  }

  @Test
  void joinsWords() {
    assertThat(ShellWords.join(List.of("echo", "a b", ""))).isEqualTo("echo 'a b' ''");
  }
}
