package dev.muster.examples.physics;

/**
 * A decay of one particle into two, in its parent's frame of reference.
 *
 * <p>Immutable and thread-safe.
 */
public record Decay(FourVector first, FourVector second) {
  /**
   * Decays a particle isotropically in its rest frame.
   *
   * @param firstMass the mass of the first product
   * @param secondMass the mass of the second product
   * @throws IllegalArgumentException if the parent is lighter than its products
   */
  public static Decay isotropic(
      FourVector parent, double firstMass, double secondMass, RandomStream random) {
    double mass = parent.mass();
    double sum = firstMass + secondMass;
    double difference = firstMass - secondMass;
    double square = (mass * mass - sum * sum) * (mass * mass - difference * difference);
    if (square < 0) {
      throw new IllegalArgumentException(
          "a particle of mass " + mass + " cannot decay into " + firstMass + " and " + secondMass);
    }
    double momentum = Math.sqrt(square) / (2 * mass);
    double cosine = random.uniform(-1, 1);
    double sine = Math.sqrt(1 - cosine * cosine);
    double phi = random.uniform(-Math.PI, Math.PI);
    double px = momentum * sine * StrictMath.cos(phi);
    double py = momentum * sine * StrictMath.sin(phi);
    double pz = momentum * cosine;
    FourVector first =
        new FourVector(px, py, pz, Math.sqrt(momentum * momentum + firstMass * firstMass));
    FourVector second =
        new FourVector(-px, -py, -pz, Math.sqrt(momentum * momentum + secondMass * secondMass));
    return new Decay(first.fromRestFrameOf(parent), second.fromRestFrameOf(parent));
  }
}
