package dev.muster.examples.physics;

/**
 * Momentum and energy of a particle in GeV, with c = 1; z points along the beam.
 *
 * <p>Immutable and thread-safe.
 */
public record FourVector(double px, double py, double pz, double e) {
  /** Returns a particle by transverse momentum, pseudorapidity, azimuth and mass. */
  public static FourVector ofPtEtaPhiM(double pt, double eta, double phi, double mass) {
    double pz = pt * StrictMath.sinh(eta);
    return new FourVector(
        pt * StrictMath.cos(phi),
        pt * StrictMath.sin(phi),
        pz,
        Math.sqrt(pt * pt + pz * pz + mass * mass));
  }

  /** Returns a particle by transverse momentum, rapidity, azimuth and mass. */
  public static FourVector ofPtRapidityPhiM(double pt, double rapidity, double phi, double mass) {
    double transverseMass = Math.sqrt(pt * pt + mass * mass);
    return new FourVector(
        pt * StrictMath.cos(phi),
        pt * StrictMath.sin(phi),
        transverseMass * StrictMath.sinh(rapidity),
        transverseMass * StrictMath.cosh(rapidity));
  }

  /** Returns the sum. */
  public FourVector plus(FourVector other) {
    return new FourVector(px + other.px, py + other.py, pz + other.pz, e + other.e);
  }

  /** Returns the invariant mass; 0 where rounding makes its square negative. */
  public double mass() {
    return Math.sqrt(Math.max(0, e * e - px * px - py * py - pz * pz));
  }

  /** Returns the transverse momentum. */
  public double pt() {
    return Math.sqrt(px * px + py * py);
  }

  /** Returns the momentum. */
  public double p() {
    return Math.sqrt(px * px + py * py + pz * pz);
  }

  /** Returns the azimuth, from -pi to pi. */
  public double phi() {
    return StrictMath.atan2(py, px);
  }

  /** Returns the pseudorapidity, -ln tan(theta / 2). */
  public double eta() {
    return asinh(pz / pt());
  }

  /** Returns the rapidity, half of ln((e + pz) / (e - pz)). */
  public double rapidity() {
    return 0.5 * StrictMath.log((e + pz) / (e - pz));
  }

  /**
   * Returns this particle, known in the rest frame of {@code parent}, as seen in the frame in which {@code parent} is
   * known.
   */
  public FourVector fromRestFrameOf(FourVector parent) {
    double mass = parent.mass();
    double along = px * parent.px + py * parent.py + pz * parent.pz;
    double energy = (parent.e * e + along) / mass;
    double factor = (energy + e) / (parent.e + mass);
    return new FourVector(
        px + factor * parent.px, py + factor * parent.py, pz + factor * parent.pz, energy);
  }

  private static double asinh(double x) {
    double size = Math.abs(x);
    return Math.copySign(StrictMath.log(size + Math.sqrt(size * size + 1)), x);
  }
}
