package dev.muster.examples.physics;

/**
 * A muon as the detector measures it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param pt transverse momentum in GeV
 * @param eta pseudorapidity
 * @param phi azimuth
 * @param charge 1 or -1
 * @param isolation the transverse momentum of what flies beside it, as a fraction of its own
 */
public record Muon(double pt, double eta, double phi, int charge, double isolation) {
  /** Returns its momentum and energy. */
  public FourVector momentum() {
    return FourVector.ofPtEtaPhiM(pt, eta, phi, Particles.MUON_MASS);
  }
}
