package dev.muster.examples.dimuon;

import dev.muster.examples.physics.DimuonEvent;
import dev.muster.examples.physics.FourVector;
import dev.muster.examples.physics.Muon;

/**
 * A selected pair of muons.
 *
 * <p>The features tell Z bosons from background without telling the mass: all but the missing energy are without scale,
 * so a cut on the classifier does not bend the background into a peak. Immutable and thread-safe.
 *
 * @param number the event's number in its file
 * @param mass the invariant mass in GeV
 * @param pairPtOverMass the transverse momentum of the pair as a fraction of its mass
 * @param deltaEta how far the muons are apart in pseudorapidity
 * @param balance the softer muon's transverse momentum as a fraction of the harder one's
 * @param isolation the larger of the muons' isolations
 * @param otherIsolation the smaller one
 * @param missingEnergy the missing transverse energy in GeV
 */
record Candidate(
    int number,
    double mass,
    double pairPtOverMass,
    double deltaEta,
    double balance,
    double isolation,
    double otherIsolation,
    double missingEnergy) {
  static Candidate of(DimuonEvent event) {
    Muon first = event.first();
    Muon second = event.second();
    FourVector pair = first.momentum().plus(second.momentum());
    double mass = pair.mass();
    return new Candidate(
        event.number(),
        mass,
        pair.pt() / mass,
        Math.abs(first.eta() - second.eta()),
        Math.min(first.pt(), second.pt()) / Math.max(first.pt(), second.pt()),
        Math.max(first.isolation(), second.isolation()),
        Math.min(first.isolation(), second.isolation()),
        event.missingEnergy());
  }

  /** Returns what the classifier sees. */
  double[] features() {
    return new double[] {
      Math.min(3, pairPtOverMass),
      deltaEta,
      balance,
      Math.sqrt(isolation),
      Math.sqrt(otherIsolation),
      Math.min(200, missingEnergy)
    };
  }
}
