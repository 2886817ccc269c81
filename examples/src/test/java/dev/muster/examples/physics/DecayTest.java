package dev.muster.examples.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DecayTest {
  private final RandomStream random = new RandomStream(3);

  @Test
  void productsAddUpToTheParentAndKeepTheirMasses() {
    for (int i = 0; i < 1000; i++) {
      FourVector parent =
          FourVector.ofPtRapidityPhiM(random.uniform(0, 200), random.uniform(-3, 3), 1, 80.4);
      Decay decay = Decay.isotropic(parent, 0.1056584, 4.78, random);
      FourVector sum = decay.first().plus(decay.second());
      assertThat(sum.e()).isCloseTo(parent.e(), within(1e-9 * parent.e()));
      assertThat(sum.pz()).isCloseTo(parent.pz(), within(1e-9 * parent.e()));
      assertThat(sum.mass()).isCloseTo(80.4, within(1e-7));
      assertThat(decay.second().mass()).isCloseTo(4.78, within(1e-4));
    }
  }

  @Test
  void directionsAreIsotropic() {
    FourVector resting = new FourVector(0, 0, 0, 91);
    int count = 100_000;
    double cosine = 0;
    double square = 0;
    for (int i = 0; i < count; i++) {
      FourVector muon = Decay.isotropic(resting, 0, 0, random).first();
      double c = muon.pz() / muon.p();
      cosine += c / count;
      square += c * c / count;
    }
    assertThat(cosine).isCloseTo(0, within(0.01));
    assertThat(square).isCloseTo(1.0 / 3, within(0.005));
  }

  @Test
  void rejectsAParentThatIsTooLight() {
    FourVector light = new FourVector(0, 0, 0, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decay.isotropic(light, 0.6, 0.6, random))
        .withMessageContaining("cannot decay");
  }
}
