package dev.muster.examples.physics;

/** Masses and widths in GeV, from the Review of Particle Physics. */
public final class Particles {
  /** The mass of the muon. */
  public static final double MUON_MASS = 0.1056584;

  /** The mass of the Z boson. */
  public static final double Z_MASS = 91.1876;

  /** The width of the Z boson. */
  public static final double Z_WIDTH = 2.4952;

  static final double W_MASS = 80.379;
  static final double W_WIDTH = 2.085;
  static final double TOP_MASS = 172.5;
  static final double BOTTOM_MASS = 4.78;

  private Particles() {}
}
