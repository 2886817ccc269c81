package dev.muster.examples.dimuon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProducePlotsTest {
  @ParameterizedTest
  @CsvSource({
    "91.19516, 0.010339, 91.195 ± 0.010",
    "91.19516, 0.123, 91.20 ± 0.12",
    "1234.5, 12.3, 1234 ± 12",
    "5.5, 250, 6 ± 250",
  })
  void writesTwoDigitsOfTheUncertainty(double value, double uncertainty, String expected) {
    assertThat(ProducePlots.value(value, uncertainty)).isEqualTo(expected);
  }
}
