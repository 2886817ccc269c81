package dev.muster.examples.stats;

/**
 * A peak on a falling background: a Voigt profile plus an exponential.
 *
 * <p>Immutable and thread-safe.
 *
 * @param signal the events under the peak, over all masses
 * @param mean where the peak is, in GeV
 * @param sigma the resolution in GeV, above 0
 * @param background the background at the middle of the range, in events per GeV
 * @param slope how it falls, per GeV; negative if it falls
 * @param gamma the natural width of the peak in GeV, which is not fitted
 * @param middle the middle of the range in GeV, which is not fitted
 */
public record PeakModel(
    double signal,
    double mean,
    double sigma,
    double background,
    double slope,
    double gamma,
    double middle) {
  static final int PARAMETERS = 5;

  private static final int STEPS = 8;

  /** Returns the number of events per GeV at {@code mass}. */
  public double density(double mass) {
    return signal * Voigt.density(mass - mean, sigma, gamma) + backgroundDensity(mass);
  }

  /** Returns the number of background events per GeV at {@code mass}. */
  public double backgroundDensity(double mass) {
    return background * StrictMath.exp(slope * (mass - middle));
  }

  /** Returns the number of events between two masses that are not far apart, by Simpson's rule. */
  public double integral(double low, double high) {
    double step = (high - low) / STEPS;
    double sum = density(low) + density(high);
    for (int i = 1; i < STEPS; i++) {
      sum += (i % 2 == 1 ? 4 : 2) * density(low + i * step);
    }
    return sum * step / 3;
  }

  // Positive parameters are fitted as logarithms, so that no step can make them negative.
  double[] free() {
    return new double[] {
      StrictMath.log(signal), mean, StrictMath.log(sigma), StrictMath.log(background), slope
    };
  }

  PeakModel withFree(double[] free) {
    return new PeakModel(
        StrictMath.exp(free[0]),
        free[1],
        StrictMath.exp(free[2]),
        StrictMath.exp(free[3]),
        free[4],
        gamma,
        middle);
  }
}
