package dev.muster.examples.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class RocCurveTest {
  @Test
  void isOneIfSignalAlwaysScoresHigher() {
    assertThat(RocCurve.area(new double[] {0.7, 0.9}, new double[] {0.1, 0.6})).isEqualTo(1);
  }

  @Test
  void isHalfIfAllScoresAreEqual() {
    assertThat(RocCurve.area(new double[] {0.5, 0.5}, new double[] {0.5})).isEqualTo(0.5);
  }

  @Test
  void countsPairs() {
    double[] signal = {0.2, 0.8};
    double[] background = {0.1, 0.2, 0.9};
    assertThat(RocCurve.area(signal, background)).isEqualTo((1.5 + 2) / 6);
  }

  @Test
  void rejectsAnEmptyClass() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RocCurve.area(new double[0], new double[] {1}));
  }
}
