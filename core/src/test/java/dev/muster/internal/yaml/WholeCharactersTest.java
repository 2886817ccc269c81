package dev.muster.internal.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Workflows;
import org.junit.jupiter.api.Test;

class WholeCharactersTest {
  private static final String FACE = "\ud83d\ude00";

  @Test
  void readsWideCharactersWhereverTheyStand() {
    for (int before = 0; before < 2_100; before++) {
      String name = "a".repeat(before) + FACE + "b";
      String yaml = "analysis: {stages: [{id: A, op: x}]}\nx-own: \"" + name + "\"\n";
      assertThat(Workflows.fromYaml(yaml).workflow().metadata()).containsEntry("x-own", name);
    }
  }

  @Test
  void endsNoReadWithHalfACharacter() {
    WholeCharacters reader = new WholeCharacters("a" + FACE + FACE);
    char[] buffer = new char[4];
    assertThat(reader.read(buffer, 0, 4)).isEqualTo(3);
    assertThat(reader.read(buffer, 0, 0)).isZero();
    assertThat(reader.read(buffer, 0, 4)).isEqualTo(2);
    assertThat(reader.read(buffer, 0, 4)).isEqualTo(-1);
  }
}
