package dev.muster.examples.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
  private final RandomStream random = new RandomStream(11);

  @Test
  void sameSeedGivesSameNumbers() {
    RandomStream first = new RandomStream(5);
    RandomStream second = new RandomStream(5);
    for (int i = 0; i < 100; i++) {
      assertThat(first.bits()).isEqualTo(second.bits());
    }
    assertThat(new RandomStream(6).bits()).isNotEqualTo(new RandomStream(5).bits());
  }

  @Test
  void uniformHasTheRightMoments() {
    assertMoments(random::uniform, 0.5, 1.0 / 12);
  }

  @Test
  void gaussianHasTheRightMoments() {
    assertMoments(random::gaussian, 0, 1);
  }

  @Test
  void exponentialHasTheRightMoments() {
    assertMoments(() -> random.exponential(3), 3, 9);
  }

  @Test
  void poissonHasTheRightMoments() {
    assertMoments(() -> random.poisson(4.2), 4.2, 4.2);
  }

  @Test
  void poissonOfNothingIsNothing() {
    assertThat(random.poisson(0)).isZero();
  }

  private static void assertMoments(DoubleSupplier source, double mean, double variance) {
    int count = 200_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double value = source.getAsDouble();
      sum += value;
      squares += (value - mean) * (value - mean);
    }
    assertThat(sum / count).isCloseTo(mean, within(5 * Math.sqrt(variance / count)));
    assertThat(squares / count).isCloseTo(variance, within(0.03 * variance));
  }
}
