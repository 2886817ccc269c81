package dev.muster.examples.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FourVectorTest {
  @Test
  void massOfBackToBackMuonsIsTwiceTheirEnergy() {
    FourVector first = new FourVector(0, 0, 45, 45);
    FourVector second = new FourVector(0, 0, -45, 45);
    assertThat(first.plus(second).mass()).isEqualTo(90);
  }

  // By hand, for massless particles: m^2 = 2 pt1 pt2 (cosh(eta1 - eta2) - cos(phi1 - phi2)).
  @ParameterizedTest
  @CsvSource({
    "40, 0, 0, 50, 0, 3.141592653589793, 89.4427190999916",
    "30, 0, 0, 40, 0, 1.5707963267948966, 48.98979485566356",
    "45.5938, 0.5, 1, 45.5938, 0.5, -2.141592653589793, 91.1876",
    "20, 1, 0, 20, -1, 0, 47.00804774575521",
  })
  void massAgreesWithTheFormulaByHand(
      double pt1, double eta1, double phi1, double pt2, double eta2, double phi2, double mass) {
    FourVector first = FourVector.ofPtEtaPhiM(pt1, eta1, phi1, 0);
    FourVector second = FourVector.ofPtEtaPhiM(pt2, eta2, phi2, 0);
    assertThat(first.plus(second).mass()).isCloseTo(mass, within(1e-9));
  }

  @Test
  void coordinatesComeBack() {
    FourVector muon = FourVector.ofPtEtaPhiM(31.5, -1.7, 2.9, 0.1056584);
    assertThat(muon.pt()).isCloseTo(31.5, within(1e-12));
    assertThat(muon.eta()).isCloseTo(-1.7, within(1e-12));
    assertThat(muon.phi()).isCloseTo(2.9, within(1e-12));
    assertThat(muon.mass()).isCloseTo(0.1056584, within(1e-6));
  }

  @Test
  void rapidityComesBack() {
    FourVector boson = FourVector.ofPtRapidityPhiM(12, 1.3, -0.4, 91);
    assertThat(boson.rapidity()).isCloseTo(1.3, within(1e-12));
    assertThat(boson.pt()).isCloseTo(12, within(1e-12));
    assertThat(boson.mass()).isCloseTo(91, within(1e-9));
  }

  @Test
  void aParticleAtRestInTheParentsFrameMovesLikeTheParent() {
    FourVector parent = FourVector.ofPtRapidityPhiM(20, 0.8, 1.1, 91);
    FourVector resting = new FourVector(0, 0, 0, 91).fromRestFrameOf(parent);
    assertThat(resting.px()).isCloseTo(parent.px(), within(1e-9));
    assertThat(resting.py()).isCloseTo(parent.py(), within(1e-9));
    assertThat(resting.pz()).isCloseTo(parent.pz(), within(1e-9));
    assertThat(resting.e()).isCloseTo(parent.e(), within(1e-9));
  }

  // A boost along z by hand: e' = gamma (e + beta p), p' = gamma (p + beta e) with beta = 0.6,
  // gamma = 1.25.
  @Test
  void aBoostAgreesWithTheFormulaByHand() {
    FourVector parent = new FourVector(0, 0, 7.5, 12.5);
    FourVector boosted = new FourVector(3, 0, 4, 5).fromRestFrameOf(parent);
    assertThat(boosted.e()).isCloseTo(1.25 * (5 + 0.6 * 4), within(1e-12));
    assertThat(boosted.pz()).isCloseTo(1.25 * (4 + 0.6 * 5), within(1e-12));
    assertThat(boosted.px()).isCloseTo(3, within(1e-12));
  }
}
