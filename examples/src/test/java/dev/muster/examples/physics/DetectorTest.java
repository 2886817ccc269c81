package dev.muster.examples.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DetectorTest {
  private static final FourVector MUON = FourVector.ofPtEtaPhiM(45, 1, 0.5, 0.1056584);
  private final RandomStream random = new RandomStream(23);

  @Test
  void measuresMomentumWithItsResolution() {
    int count = 50_000;
    double mean = 0;
    double square = 0;
    double isolation = 0;
    for (int i = 0; i < count; i++) {
      Muon muon = Detector.measure(i, collision(false), random).first();
      mean += muon.pt() / count;
      square += (muon.pt() / 45 - 1) * (muon.pt() / 45 - 1) / count;
      isolation += muon.isolation() / count;
    }
    assertThat(mean).isCloseTo(45, within(0.02));
    assertThat(Math.sqrt(square)).isCloseTo(Math.hypot(0.014, 0.0045), within(2e-4));
    assertThat(isolation).isCloseTo(0.05, within(0.001));
  }

  @Test
  void chargesAreAsTheProcessSays() {
    for (int i = 0; i < 100; i++) {
      DimuonEvent opposite = Detector.measure(i, collision(false), random);
      DimuonEvent same = Detector.measure(i, collision(true), random);
      assertThat(opposite.first().charge()).isEqualTo(-opposite.second().charge());
      assertThat(same.first().charge()).isEqualTo(same.second().charge());
    }
  }

  private static Collision collision(boolean sameCharge) {
    return new Collision(MUON, MUON, sameCharge, Collision.NOTHING, 0.05, 10);
  }
}
