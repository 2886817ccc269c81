package dev.muster.examples.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void mapsLinearly() {
    Axis axis = new Axis(60, 120, 100, 700, false);
    assertThat(axis.at(60)).isEqualTo(100);
    assertThat(axis.at(91)).isCloseTo(410, within(1e-9));
    assertThat(axis.at(500)).isEqualTo(700);
  }

  @Test
  void mapsLogarithmically() {
    Axis axis = new Axis(1, 1000, 300, 0, true);
    assertThat(axis.at(10)).isCloseTo(200, within(1e-9));
    assertThat(axis.at(0)).isEqualTo(300);
  }

  @Test
  void labelsRoundValues() {
    assertThat(labels(new Axis(60, 120, 0, 1, false), 6))
        .containsExactly("60", "70", "80", "90", "100", "110", "120");
    assertThat(labels(new Axis(0.4, 1.6, 0, 1, false), 3)).containsExactly("0.5", "1.0", "1.5");
    assertThat(labels(new Axis(0, 0.03, 0, 1, false), 3))
        .containsExactly("0.00", "0.01", "0.02", "0.03");
  }

  @Test
  void labelsPowersOfTen() {
    assertThat(labels(new Axis(0.05, 2000, 0, 1, true), 0))
        .containsExactly("10⁻¹", "1", "10", "10²", "10³");
  }

  @Test
  void rejectsLogarithmsOfNothing() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Axis(0, 1, 0, 1, true));
  }

  private static List<String> labels(Axis axis, int count) {
    return axis.ticks(count).stream()
        .filter(Axis.Tick::major)
        .map(Axis.Tick::label)
        .toList();
  }
}
