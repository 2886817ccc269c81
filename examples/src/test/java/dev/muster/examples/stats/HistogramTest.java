package dev.muster.examples.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistogramTest {
  @ParameterizedTest
  @CsvSource({"60, 0", "60.999, 0", "61, 1", "119.999999999, 59", "91.1876, 31"})
  void fillsTheBinThatHoldsTheValue(double value, int bin) {
    Histogram.Filling filling = Histogram.filling(60, 120, 60);
    filling.fill(value, 1);
    assertThat(filling.histogram().content(bin)).isEqualTo(1);
    assertThat(filling.histogram().sum()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"59.999", "120", "NaN", "-Infinity", "Infinity"})
  void ignoresValuesOutside(double value) {
    Histogram.Filling filling = Histogram.filling(60, 120, 60);
    filling.fill(value, 1);
    assertThat(filling.histogram().sum()).isZero();
  }

  @Test
  void uncertaintyIsTheRootOfTheSquaredWeights() {
    Histogram.Filling filling = Histogram.filling(0, 1, 1);
    filling.fill(0.5, 3);
    filling.fill(0.5, 4);
    assertThat(filling.histogram().content(0)).isEqualTo(7);
    assertThat(filling.histogram().uncertainty(0)).isEqualTo(5);
  }

  @Test
  void addsBinByBin() {
    Histogram.Filling filling = Histogram.filling(0, 2, 2);
    filling.fill(0.5, 2);
    Histogram sum = filling.histogram().plus(filling.histogram());
    assertThat(sum.content(0)).isEqualTo(4);
    assertThat(sum.content(1)).isZero();
    assertThat(sum.uncertainty(0)).isEqualTo(Math.sqrt(8));
  }

  @Test
  void rejectsTheSumOfDifferentBins() {
    Histogram first = Histogram.filling(0, 2, 2).histogram();
    Histogram second = Histogram.filling(0, 2, 3).histogram();
    assertThatIllegalArgumentException().isThrownBy(() -> first.plus(second));
  }
}
