package dev.muster.examples.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.muster.examples.physics.RandomStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeakFitTest {
  private static final PeakModel TRUTH = new PeakModel(5000, 91.19, 1.1, 20, -0.02, 2.4952, 90);

  @Test
  void recoversTheParametersOfDataWithoutFluctuations() {
    PeakFitResult fit = PeakFit.fit(expected(TRUTH), 70, 110, TRUTH.gamma());
    assertThat(fit.model().mean()).isCloseTo(TRUTH.mean(), within(1e-6));
    assertThat(fit.model().sigma()).isCloseTo(TRUTH.sigma(), within(1e-5));
    assertThat(fit.model().signal()).isCloseTo(TRUTH.signal(), within(0.05));
    assertThat(fit.model().background()).isCloseTo(TRUTH.background(), within(1e-3));
    assertThat(fit.model().slope()).isCloseTo(TRUTH.slope(), within(1e-6));
    assertThat(fit.chiSquare()).isCloseTo(0, within(1e-6));
    assertThat(fit.degreesOfFreedom()).isEqualTo(35);
  }

  @Test
  void pullsOfManyToysAreNormal() {
    RandomStream random = new RandomStream(2);
    int toys = 300;
    double[] mean = new double[4];
    double[] square = new double[4];
    double chiSquare = 0;
    for (int toy = 0; toy < toys; toy++) {
      PeakFitResult fit = PeakFit.fit(drawn(TRUTH, random), 70, 110, TRUTH.gamma());
      double[] pulls = {
        (fit.model().mean() - TRUTH.mean()) / fit.uncertainty().mean(),
        (fit.model().sigma() - TRUTH.sigma()) / fit.uncertainty().sigma(),
        (fit.model().signal() - TRUTH.signal()) / fit.uncertainty().signal(),
        (fit.model().background() - TRUTH.background()) / fit.uncertainty().background(),
      };
      for (int i = 0; i < pulls.length; i++) {
        mean[i] += pulls[i] / toys;
        square[i] += pulls[i] * pulls[i] / toys;
      }
      chiSquare += fit.chiSquare() / toys;
    }
    for (int i = 0; i < mean.length; i++) {
      assertThat(mean[i]).isCloseTo(0, within(0.2));
      assertThat(Math.sqrt(square[i])).isCloseTo(1, within(0.12));
    }
    assertThat(chiSquare).isCloseTo(35, within(2.5));
  }

  @ParameterizedTest
  @CsvSource({
    "50, 91.2, 1.0, 0.5, -0.02", // few events, most bins empty
    "1e7, 91.19, 0.9, 1e4, -0.05", // very many
    "3000, 85, 2.5, 300, 0.01", // a broad peak off the middle, a rising background
    "2000, 91, 1.0, 0.001, 0", // no background to speak of
  })
  void convergesFarFromItsGuess(
      double signal, double mean, double sigma, double background, double slope) {
    PeakModel truth = new PeakModel(signal, mean, sigma, background, slope, 2.4952, 90);
    PeakFitResult fit = PeakFit.fit(drawn(truth, new RandomStream(4)), 70, 110, 2.4952);
    assertThat(fit.model().mean()).isCloseTo(mean, within(4 * fit.uncertainty().mean()));
    assertThat(fit.model().signal())
        .isCloseTo(signal, within(4 * fit.uncertainty().signal() + 0.05 * signal));
  }

  @Test
  void usesOnlyTheBinsInTheRange() {
    PeakFitResult fit = PeakFit.fit(expected(TRUTH), 80.5, 100.5, TRUTH.gamma());
    assertThat(fit.low()).isEqualTo(81);
    assertThat(fit.high()).isEqualTo(100);
  }

  @Test
  void rejectsTooFewBins() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PeakFit.fit(expected(TRUTH), 90, 94, 2.5))
        .withMessageContaining("only 4 bins");
  }

  @Test
  void rejectsAnEmptyHistogram() {
    Histogram empty = Histogram.filling(60, 120, 60).histogram();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PeakFit.fit(empty, 70, 110, 2.5))
        .withMessage("there are no events to fit");
  }

  private static Histogram expected(PeakModel model) {
    Histogram.Filling filling = Histogram.filling(60, 120, 60);
    for (int bin = 0; bin < 60; bin++) {
      filling.fill(60.5 + bin, model.integral(60 + bin, 61 + bin));
    }
    return filling.histogram();
  }

  private static Histogram drawn(PeakModel model, RandomStream random) {
    Histogram.Filling filling = Histogram.filling(60, 120, 60);
    for (int bin = 0; bin < 60; bin++) {
      filling.fill(60.5 + bin, random.poisson(model.integral(60 + bin, 61 + bin)));
    }
    return filling.histogram();
  }
}
