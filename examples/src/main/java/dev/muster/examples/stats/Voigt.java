package dev.muster.examples.stats;

/**
 * The Voigt profile: a Breit-Wigner of width {@code gamma} seen with a Gaussian resolution {@code sigma}.
 *
 * <p>It is the real part of the Faddeeva function, which is computed by Weideman's rational series (SIAM J. Numer.
 * Anal. 31, 1994) with 32 terms: relative errors are below 1e-9 where it matters. Thread-safe.
 */
public final class Voigt {
  private static final int TERMS = 32;
  private static final double SCALE = Math.sqrt(TERMS / Math.sqrt(2));
  private static final double[] COEFFICIENTS = coefficients();

  private Voigt() {}

  /**
   * Returns the density at a distance from the peak; its integral is 1.
   *
   * @param distance how far from the peak
   * @param sigma the width of the Gaussian, above 0
   * @param gamma the full width at half maximum of the Breit-Wigner, 0 or more
   */
  public static double density(double distance, double sigma, double gamma) {
    double unit = sigma * Math.sqrt(2);
    return faddeevaReal(distance / unit, 0.5 * gamma / unit) / (sigma * Math.sqrt(2 * Math.PI));
  }

  // w(z) = 2 p(Z) / (L - iz)^2 + 1 / (sqrt(pi) (L - iz)) with Z = (L + iz) / (L - iz), for Im z >=
  // 0.
  static double faddeevaReal(double x, double y) {
    double downReal = SCALE + y;
    double downImaginary = -x;
    double upReal = SCALE - y;
    double size = downReal * downReal + downImaginary * downImaginary;
    double zReal = (upReal * downReal + x * downImaginary) / size;
    double zImaginary = (x * downReal - upReal * downImaginary) / size;
    double real = 0;
    double imaginary = 0;
    for (int i = TERMS - 1; i >= 0; i--) {
      double next = real * zReal - imaginary * zImaginary + COEFFICIENTS[i];
      imaginary = real * zImaginary + imaginary * zReal;
      real = next;
    }
    double inverseReal = downReal / size;
    double inverseImaginary = -downImaginary / size;
    double squareReal = inverseReal * inverseReal - inverseImaginary * inverseImaginary;
    double squareImaginary = 2 * inverseReal * inverseImaginary;
    return 2 * (real * squareReal - imaginary * squareImaginary) + inverseReal / Math.sqrt(Math.PI);
  }

  // The Fourier coefficients of exp(-t^2) (L^2 + t^2) with t = L tan(theta / 2), lowest first.
  private static double[] coefficients() {
    int points = 4 * TERMS;
    double[] result = new double[TERMS];
    for (int k = 1 - points / 2; k < points / 2; k++) {
      double theta = k * 2 * Math.PI / points;
      double t = SCALE * StrictMath.tan(theta / 2);
      double value = StrictMath.exp(-t * t) * (SCALE * SCALE + t * t);
      for (int n = 0; n < TERMS; n++) {
        result[n] += value * StrictMath.cos((n + 1) * theta) / points;
      }
    }
    return result;
  }
}
