package dev.muster.examples.physics;

/**
 * A detector: it measures muons and missing energy with limited resolution.
 *
 * <p>Immutable and thread-safe.
 */
public final class Detector {
  private static final double CONSTANT_RESOLUTION = 0.014;
  private static final double RESOLUTION_PER_GEV = 1e-4;
  private static final double ANGULAR_RESOLUTION = 5e-4;

  private Detector() {}

  /** Measures a collision. */
  public static DimuonEvent measure(int number, Collision collision, RandomStream random) {
    int charge = random.below(2) * 2 - 1;
    Muon first = measure(collision.first(), charge, collision.isolation(), random);
    Muon second = measure(
        collision.second(),
        collision.sameCharge() ? charge : -charge,
        collision.isolation(),
        random);
    double x = collision.neutrinos().px() + collision.activity() * random.gaussian();
    double y = collision.neutrinos().py() + collision.activity() * random.gaussian();
    return new DimuonEvent(number, first, second, Math.sqrt(x * x + y * y));
  }

  private static Muon measure(FourVector muon, int charge, double isolation, RandomStream random) {
    double pt = muon.pt();
    double slope = RESOLUTION_PER_GEV * pt;
    double resolution = Math.sqrt(CONSTANT_RESOLUTION * CONSTANT_RESOLUTION + slope * slope);
    return new Muon(
        Math.max(0.1, pt * (1 + resolution * random.gaussian())),
        muon.eta() + ANGULAR_RESOLUTION * random.gaussian(),
        muon.phi() + ANGULAR_RESOLUTION * random.gaussian(),
        charge,
        random.exponential(isolation));
  }
}
