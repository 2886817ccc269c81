package dev.muster.examples.physics;

import static dev.muster.examples.physics.Particles.BOTTOM_MASS;
import static dev.muster.examples.physics.Particles.MUON_MASS;
import static dev.muster.examples.physics.Particles.TOP_MASS;
import static dev.muster.examples.physics.Particles.W_MASS;
import static dev.muster.examples.physics.Particles.W_WIDTH;
import static dev.muster.examples.physics.Particles.Z_MASS;
import static dev.muster.examples.physics.Particles.Z_WIDTH;

import java.util.Arrays;

/**
 * A physics process with two muons in the final state, generated at leading order with simple but realistic spectra.
 *
 * <p>Immutable and thread-safe.
 */
public enum PhysicsProcess {
  /** A Z boson that decays into two muons: the peak. */
  ZMUMU("zmumu") {
    @Override
    public Collision collide(RandomStream random) {
      double mass = breitWigner(Z_MASS, Z_WIDTH, MIN_MASS, MAX_MASS, random);
      Decay decay = Decay.isotropic(boson(mass, 11, random), MUON_MASS, MUON_MASS, random);
      return new Collision(
          decay.first(), decay.second(), false, Collision.NOTHING, PROMPT_ISOLATION, 16);
    }
  },

  /** Muon pairs without a resonance, most of them from b quarks: a mass spectrum that falls exponentially. */
  CONTINUUM("continuum") {
    @Override
    public Collision collide(RandomStream random) {
      double mass = MIN_MASS + truncatedExponential(30, MAX_MASS - MIN_MASS, random);
      Decay decay = Decay.isotropic(boson(mass, 18, random), MUON_MASS, MUON_MASS, random);
      boolean sameCharge = random.uniform() < 0.25;
      return new Collision(decay.first(), decay.second(), sameCharge, Collision.NOTHING, 0.10, 18);
    }
  },

  /** Top-quark pairs in which both W bosons decay into a muon and a neutrino. */
  TTBAR("ttbar") {
    @Override
    public Collision collide(RandomStream random) {
      double pairMass = 2 * TOP_MASS + random.exponential(110);
      Decay tops = Decay.isotropic(boson(pairMass, 35, random), TOP_MASS, TOP_MASS, random);
      Decay plus = leptonic(tops.first(), random);
      Decay minus = leptonic(tops.second(), random);
      FourVector neutrinos = plus.second().plus(minus.second());
      return new Collision(plus.first(), minus.first(), false, neutrinos, PROMPT_ISOLATION, 22);
    }
  };

  private static final double MIN_MASS = 40;
  private static final double MAX_MASS = 200;
  private static final double PROMPT_ISOLATION = 0.03;

  private final String id;

  PhysicsProcess(String id) {
    this.id = id;
  }

  /**
   * Returns the process of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static PhysicsProcess named(String id) {
    for (PhysicsProcess process : values()) {
      if (process.id.equals(id)) {
        return process;
      }
    }
    throw new IllegalArgumentException("there is no process " + id + "; known: "
        + String.join(", ", Arrays.stream(values()).map(process -> process.id).toList()));
  }

  /** Returns the name by which workflows know it. */
  public String id() {
    return id;
  }

  /** Generates one collision. */
  public abstract Collision collide(RandomStream random);

  /**
   * Draws a mass of the relativistic Breit-Wigner distribution: 1 / ((m^2 - M^2)^2 + M^2 G^2) in m^2, between two
   * limits.
   */
  static double breitWigner(
      double mass, double width, double low, double high, RandomStream random) {
    double scale = mass * width;
    double from = StrictMath.atan((low * low - mass * mass) / scale);
    double to = StrictMath.atan((high * high - mass * mass) / scale);
    return Math.sqrt(mass * mass + scale * StrictMath.tan(random.uniform(from, to)));
  }

  private static double truncatedExponential(double slope, double range, RandomStream random) {
    double most = 1 - StrictMath.exp(-range / slope);
    return -slope * StrictMath.log(1 - most * random.uniform());
  }

  // Transverse momentum: p / (1 + (p / scale)^2)^2 dp, a maximum at scale / sqrt(3) and a tail like
  // that of data.
  private static FourVector boson(double mass, double scale, RandomStream random) {
    double pt = scale * Math.sqrt(1 / random.uniform() - 1);
    double rapidity = 2.0 * random.gaussian();
    double phi = random.uniform(-Math.PI, Math.PI);
    return FourVector.ofPtRapidityPhiM(Math.min(pt, 1000), rapidity, phi, mass);
  }

  private static Decay leptonic(FourVector top, RandomStream random) {
    double mass = breitWigner(W_MASS, W_WIDTH, MIN_MASS, 120, random);
    FourVector w = Decay.isotropic(top, mass, BOTTOM_MASS, random).first();
    return Decay.isotropic(w, MUON_MASS, 0, random);
  }
}
