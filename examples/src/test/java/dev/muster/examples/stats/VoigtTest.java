package dev.muster.examples.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VoigtTest {
  // Values of the Faddeeva function from tables: w(iy) = erfcx(y), w(x) = exp(-x^2) on the real
  // axis.
  @ParameterizedTest
  @CsvSource({
    "0, 0, 1",
    "0, 1, 0.427583576155807",
    "1, 0, 0.36787944117144233",
    "1, 1, 0.30474420525691259",
    "2, 0, 0.018315638888734179",
  })
  void agreesWithTables(double x, double y, double expected) {
    assertThat(Voigt.faddeevaReal(x, y)).isCloseTo(expected, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"0, 1.1, 2.4952", "3, 1.1, 2.4952", "-20, 1.1, 2.4952", "1, 2, 0.5"})
  void agreesWithTheConvolutionByNumbers(double distance, double sigma, double gamma) {
    double sum = 0;
    double step = sigma / 200;
    for (double t = -9 * sigma; t <= 9 * sigma; t += step) {
      double gauss = Math.exp(-t * t / (2 * sigma * sigma)) / (sigma * Math.sqrt(2 * Math.PI));
      double d = distance - t;
      sum += step * gauss * (gamma / 2) / (Math.PI * (d * d + gamma * gamma / 4));
    }
    assertThat(Voigt.density(distance, sigma, gamma)).isCloseTo(sum, within(1e-7));
  }

  @Test
  void isSymmetric() {
    assertThat(Voigt.density(2.5, 1, 2)).isEqualTo(Voigt.density(-2.5, 1, 2));
  }

  @Test
  void withoutANaturalWidthItIsAGaussian() {
    double gauss = Math.exp(-0.5) / (2 * Math.sqrt(2 * Math.PI));
    assertThat(Voigt.density(2, 2, 0)).isCloseTo(gauss, within(1e-9));
  }
}
