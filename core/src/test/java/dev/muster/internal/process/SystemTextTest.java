package dev.muster.internal.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SystemTextTest {
  @Test
  void onlyUtf8PassesMoreThanAscii() {
    assertThat(SystemText.passes("plain", US_ASCII)).isTrue();
    assertThat(SystemText.passes("M\u00fcller", US_ASCII)).isFalse();
    assertThat(SystemText.passes("M\u00fcller", ISO_8859_1)).isFalse();
    assertThat(SystemText.passes("M\u00fcller \u8a9e \ud83d\ude00", UTF_8)).isTrue();
  }

  @Test
  void halfACharacterNeverPasses() {
    assertThat(SystemText.passes("\ud83d", UTF_8)).isFalse();
    assertThat(SystemText.passes("\ude00x", UTF_8)).isFalse();
    assertThat(SystemText.passes("\ud83dx", UTF_8)).isFalse();
    assertThat(SystemText.problem(List.of("true"), Map.of("SECRET", "geheim\ud83d")))
        .contains("the variable SECRET cannot be passed on", "half a character")
        .doesNotContain("geheim");
    assertThatThrownBy(() -> SystemText.resolve(Path.of("/"), "a\ud83d"))
        .hasMessageContaining("half a character");
  }

  @Test
  void variablesOfThisProcessArePassedOnInAnyCase() {
    assertThat(SystemText.problem(List.of("true"), System.getenv())).isEmpty();
  }

  @Test
  void saysWhatHasANul() {
    assertThat(SystemText.problem(List.of("printf", "a\0b"), Map.of()))
        .isEqualTo("argument 1 has a NUL character, which ends a text in every process");
    assertThat(SystemText.problem(List.of("true"), Map.of("SECRET", "geheim\0")))
        .contains("SECRET", "NUL")
        .doesNotContain("geheim");
  }
}
