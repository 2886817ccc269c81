package dev.muster.examples.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.muster.examples.physics.RandomStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingTest {
  private static final Training.Settings SETTINGS = new Training.Settings(8, 12, 0.01, 1);

  @Test
  void learnsWhatNoLineCanSeparate() {
    List<double[]> ring = points(3000, 2.0, new RandomStream(1));
    List<double[]> core = points(3000, 0.5, new RandomStream(2));
    Network network = Training.train(ring, core, SETTINGS, () -> false);
    double area = RocCurve.area(
        scores(network, points(2000, 2.0, new RandomStream(3))),
        scores(network, points(2000, 0.5, new RandomStream(4))));
    assertThat(area).isGreaterThan(0.97);
  }

  // Two Gaussians one width apart: no classifier has more than Phi(1 / sqrt(2)) = 0.760.
  @Test
  void comesCloseToTheBestPossibleOnGaussians() {
    Network network = Training.train(
        gaussians(6000, 1, new RandomStream(5)),
        gaussians(6000, 0, new RandomStream(6)),
        SETTINGS,
        () -> false);
    double area = RocCurve.area(
        scores(network, gaussians(20_000, 1, new RandomStream(7))),
        scores(network, gaussians(20_000, 0, new RandomStream(8))));
    assertThat(area).isCloseTo(0.760, within(0.012));
  }

  @Test
  void sameInputGivesTheSameNetwork() {
    List<double[]> signal = gaussians(500, 1, new RandomStream(1));
    List<double[]> background = gaussians(500, 0, new RandomStream(2));
    Network first = Training.train(signal, background, SETTINGS, () -> false);
    Network second = Training.train(signal, background, SETTINGS, () -> false);
    assertThat(first.weights).isEqualTo(second.weights);
  }

  @Test
  void rejectsAnEmptyClass() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Training.train(List.of(), List.of(), SETTINGS, () -> false))
        .withMessageContaining("needs signal and background");
  }

  @Test
  void rejectsOtherFeaturesThanThoseOfTheTraining() {
    Network network = new Network(1, new double[2], new double[2], new double[5]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.score(new double[3]))
        .withMessageContaining("trained on 2 features, got 3");
  }

  private static List<double[]> points(int count, double radius, RandomStream random) {
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double angle = random.uniform(-Math.PI, Math.PI);
      double r = radius + 0.2 * random.gaussian();
      points.add(new double[] {r * Math.cos(angle), r * Math.sin(angle)});
    }
    return points;
  }

  private static List<double[]> gaussians(int count, double mean, RandomStream random) {
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(new double[] {mean + random.gaussian(), random.gaussian()});
    }
    return points;
  }

  private static double[] scores(Network network, List<double[]> points) {
    return points.stream().mapToDouble(network::score).toArray();
  }
}
