package dev.muster.examples.physics;

/**
 * An event as the detector measures it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param number its number in its file, from 0
 * @param first one muon, not always the harder one
 * @param second the other
 * @param missingEnergy the missing transverse energy in GeV: what neutrinos carry away, and mismeasurement
 */
public record DimuonEvent(int number, Muon first, Muon second, double missingEnergy) {
  /** Returns the invariant mass of the two muons. */
  public double mass() {
    return first.momentum().plus(second.momentum()).mass();
  }
}
