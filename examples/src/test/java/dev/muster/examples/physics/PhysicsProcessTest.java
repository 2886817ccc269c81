package dev.muster.examples.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PhysicsProcessTest {
  private final RandomStream random = new RandomStream(17);

  @Test
  void muonPairsHaveTheMassOfTheZ() {
    double[] masses = masses(PhysicsProcess.ZMUMU, 100_000);
    Arrays.sort(masses);
    double median = masses[masses.length / 2];
    double half = Particles.Z_WIDTH / 2;
    long within = Arrays.stream(masses)
        .filter(mass -> Math.abs(mass - Particles.Z_MASS) < half)
        .count();
    assertThat(median).isCloseTo(Particles.Z_MASS, within(0.03));
    // Half of a Breit-Wigner lies within its full width at half maximum; 2.3 % of it is cut off
    // below 40 and above 200 GeV.
    assertThat((double) within / masses.length).isCloseTo(0.5 / 0.977, within(0.007));
  }

  @Test
  void continuumFallsExponentially() {
    double[] masses = masses(PhysicsProcess.CONTINUUM, 100_000);
    long low = Arrays.stream(masses).filter(m -> m > 60 && m < 70).count();
    long high = Arrays.stream(masses).filter(m -> m > 90 && m < 100).count();
    assertThat((double) high / low).isCloseTo(Math.exp(-1), within(0.02));
  }

  @Test
  void topPairsHaveNeutrinosThatEscape() {
    double missing = 0;
    for (int i = 0; i < 10_000; i++) {
      Collision collision = PhysicsProcess.TTBAR.collide(random);
      missing += collision.neutrinos().pt() / 10_000;
      assertThat(collision.sameCharge()).isFalse();
    }
    assertThat(missing).isBetween(50.0, 110.0);
  }

  @ParameterizedTest
  @EnumSource
  void muonsAreSymmetricAlongTheBeam(PhysicsProcess process) {
    double eta = 0;
    for (int i = 0; i < 20_000; i++) {
      Collision collision = process.collide(random);
      assertThat(collision.first().mass()).isCloseTo(Particles.MUON_MASS, within(0.05));
      eta += collision.first().eta() / 20_000;
    }
    assertThat(eta).isCloseTo(0, within(0.1));
  }

  @ParameterizedTest
  @EnumSource
  void isFoundByItsName(PhysicsProcess process) {
    assertThat(PhysicsProcess.named(process.id())).isSameAs(process);
  }

  @Test
  void rejectsAnUnknownName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysicsProcess.named("higgs"))
        .withMessage("there is no process higgs; known: zmumu, continuum, ttbar");
  }

  private double[] masses(PhysicsProcess process, int count) {
    double[] masses = new double[count];
    for (int i = 0; i < count; i++) {
      Collision collision = process.collide(random);
      masses[i] = collision.first().plus(collision.second()).mass();
    }
    return masses;
  }
}
