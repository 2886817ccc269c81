package dev.muster.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFilesTest {
  @ParameterizedTest
  @ValueSource(strings = {"Select", "ttbar.3", "a_b-c.d", "9"})
  void keepsHarmlessNames(String name) {
    assertThat(RunFiles.fileName(name)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".",
        "..",
        ".hidden",
        "a/b",
        "../../x",
        "journal",
        "Journal",
        "logs",
        "plan.yaml",
        "ä",
        "a b",
        "\uD83D\uDE00"
      })
  void changesOthers(String name) {
    assertThat(RunFiles.fileName(name))
        .isNotEqualToIgnoringCase(name)
        .matches("[A-Za-z0-9_-][A-Za-z0-9._-]*-[0-9a-f]{8}");
  }

  @Test
  void keepsDifferentNamesApart() {
    Set<String> names = Stream.of("a/b", "a_b", "a b", "a\\b", "x".repeat(200), "x".repeat(201))
        .map(RunFiles::fileName)
        .collect(Collectors.toSet());
    assertThat(names).hasSize(6).allMatch(name -> name.length() <= 100);
  }
}
