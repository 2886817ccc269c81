package dev.muster.examples.stats;

import java.util.Arrays;

/**
 * Fits a {@link PeakModel} to the bins of a histogram of unweighted events.
 *
 * <p>The fit maximises the Poisson likelihood, so bins with few or no events need no special care: Levenberg-Marquardt
 * steps with the Fisher information as the curvature. Its value is the likelihood ratio of Baker and Cousins (NIM 221,
 * 1984), which for large counts is distributed as chi-square. Uncertainties come from the inverse of the Fisher
 * information. Not thread-safe inside; the static method is.
 */
public final class PeakFit {
  private static final int MAX_STEPS = 200;
  private static final double TOLERANCE = 1e-9;
  private static final double SMALLEST = 1e-9;

  private final Histogram histogram;
  private final int first;
  private final int last;

  private PeakFit(Histogram histogram, int first, int last) {
    this.histogram = histogram;
    this.first = first;
    this.last = last;
  }

  /**
   * Fits the bins that lie wholly between {@code low} and {@code high}.
   *
   * @param gamma the natural width of the peak, which is kept fixed
   * @throws IllegalArgumentException if there are fewer bins than parameters plus one, or no events
   * @throws ArithmeticException if the fit does not converge; the message says how far it came
   */
  public static PeakFitResult fit(Histogram histogram, double low, double high, double gamma) {
    double slack = 1e-6 * histogram.binWidth();
    int first = 0;
    while (first < histogram.bins() && histogram.edge(first) < low - slack) {
      first++;
    }
    int last = histogram.bins();
    while (last > first && histogram.edge(last) > high + slack) {
      last--;
    }
    if (last - first <= PeakModel.PARAMETERS) {
      throw new IllegalArgumentException(
          "only " + (last - first) + " bins lie between " + low + " and " + high);
    }
    PeakFit fit = new PeakFit(histogram, first, last);
    return fit.minimised(fit.guess(gamma));
  }

  // The background from the outer bins, the peak from the highest bin and what is above the
  // background.
  private PeakModel guess(double gamma) {
    double middle = 0.5 * (histogram.edge(first) + histogram.edge(last));
    double width = histogram.binWidth();
    int edge = Math.max(1, (last - first) / 8);
    double left = 0;
    double right = 0;
    for (int i = 0; i < edge; i++) {
      left += histogram.content(first + i);
      right += histogram.content(last - 1 - i);
    }
    int top = first;
    double total = 0;
    for (int bin = first; bin < last; bin++) {
      total += histogram.content(bin);
      if (histogram.content(bin) > histogram.content(top)) {
        top = bin;
      }
    }
    if (total <= 0) {
      throw new IllegalArgumentException("there are no events to fit");
    }
    double density = Math.max(0.5 * (left + right), 0.5) / (edge * width);
    double above = total - density * (last - first) * width;
    double distance = (last - first - edge) * width;
    double slope = StrictMath.log((right + 1) / (left + 1)) / distance;
    return new PeakModel(
        Math.max(above, 0.05 * total),
        histogram.center(top),
        Math.max(0.5 * width, 0.4 * gamma),
        density,
        slope,
        gamma,
        middle);
  }

  private PeakFitResult minimised(PeakModel start) {
    PeakModel model = start;
    double value = deviance(model);
    double damping = 1e-3;
    for (int step = 0; step < MAX_STEPS; step++) {
      double[][] derivatives = derivatives(model);
      double[] gradient = gradient(model, derivatives);
      double[][] information = information(model, derivatives);
      double[] move = null;
      PeakModel next = model;
      double nextValue = Double.NaN;
      while (damping < 1e12) {
        double[][] inverse = Matrix.inverse(damped(information, damping));
        if (inverse != null) {
          move = Matrix.times(inverse, gradient);
          double[] free = model.free();
          for (int i = 0; i < free.length; i++) {
            free[i] += Math.max(-2, Math.min(2, move[i]));
          }
          next = model.withFree(free);
          nextValue = deviance(next);
          if (nextValue <= value) {
            break;
          }
        }
        damping *= 8;
      }
      boolean better = nextValue <= value;
      double expected = move == null ? Double.NaN : dot(move, gradient);
      double gain = value - nextValue;
      if (better) {
        model = next;
        value = nextValue;
        damping = Math.max(1e-12, damping / 8);
      }
      if (expected < TOLERANCE && (!better || gain < TOLERANCE * (1 + value))) {
        return result(model, value);
      }
      if (!better) {
        break;
      }
    }
    throw new ArithmeticException(
        "the fit did not converge: chi-square " + value + " at " + model + "; try another range");
  }

  private PeakFitResult result(PeakModel model, double value) {
    double[][] covariance = Matrix.inverse(information(model, derivatives(model)));
    if (covariance == null) {
      throw new ArithmeticException("the data do not determine all parameters: " + model);
    }
    PeakModel uncertainty = new PeakModel(
        model.signal() * Math.sqrt(covariance[0][0]),
        Math.sqrt(covariance[1][1]),
        model.sigma() * Math.sqrt(covariance[2][2]),
        model.background() * Math.sqrt(covariance[3][3]),
        Math.sqrt(covariance[4][4]),
        0,
        0);
    return new PeakFitResult(
        model,
        uncertainty,
        value,
        last - first - PeakModel.PARAMETERS,
        histogram.edge(first),
        histogram.edge(last),
        histogram.binWidth());
  }

  private double expected(PeakModel model, int bin) {
    return Math.max(SMALLEST, model.integral(histogram.edge(bin), histogram.edge(bin + 1)));
  }

  // Twice the logarithm of the likelihood ratio to a model that meets every bin; NaN is made
  // infinite, so that it is never an improvement.
  private double deviance(PeakModel model) {
    double sum = 0;
    for (int bin = first; bin < last; bin++) {
      double expected = expected(model, bin);
      double seen = histogram.content(bin);
      sum += 2 * (expected - seen);
      if (seen > 0) {
        sum += 2 * seen * StrictMath.log(seen / expected);
      }
    }
    return Double.isNaN(sum) ? Double.POSITIVE_INFINITY : sum;
  }

  private double[][] derivatives(PeakModel model) {
    double[] free = model.free();
    double[] steps = {1e-5, 1e-5, 1e-5, 1e-5, 1e-7};
    double[][] result = new double[free.length][last - first];
    for (int i = 0; i < free.length; i++) {
      double[] up = free.clone();
      double[] down = free.clone();
      up[i] += steps[i];
      down[i] -= steps[i];
      PeakModel above = model.withFree(up);
      PeakModel below = model.withFree(down);
      for (int bin = first; bin < last; bin++) {
        result[i][bin - first] = (expected(above, bin) - expected(below, bin)) / (2 * steps[i]);
      }
    }
    return result;
  }

  private double[] gradient(PeakModel model, double[][] derivatives) {
    double[] gradient = new double[derivatives.length];
    for (int bin = first; bin < last; bin++) {
      double pull = histogram.content(bin) / expected(model, bin) - 1;
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += pull * derivatives[i][bin - first];
      }
    }
    return gradient;
  }

  private double[][] information(PeakModel model, double[][] derivatives) {
    int size = derivatives.length;
    double[][] information = new double[size][size];
    for (int bin = first; bin < last; bin++) {
      double expected = expected(model, bin);
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          information[i][j] += derivatives[i][bin - first] * derivatives[j][bin - first] / expected;
        }
      }
    }
    return information;
  }

  private static double[][] damped(double[][] information, double damping) {
    double[][] result = Arrays.stream(information).map(double[]::clone).toArray(double[][]::new);
    for (int i = 0; i < result.length; i++) {
      result[i][i] *= 1 + damping;
    }
    return result;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
