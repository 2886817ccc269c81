package dev.muster.examples.physics;

/**
 * What a process makes, before the detector sees it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param first the first muon
 * @param second the second muon
 * @param sameCharge whether the two have the same charge
 * @param neutrinos the sum of the neutrinos
 * @param isolation the mean of the muons' isolation: small for muons from W and Z, large for those from b quarks
 * @param activity the resolution of the missing energy in GeV, which grows with all else that is in the event
 */
public record Collision(
    FourVector first,
    FourVector second,
    boolean sameCharge,
    FourVector neutrinos,
    double isolation,
    double activity) {
  static final FourVector NOTHING = new FourVector(0, 0, 0, 0);
}
