package dev.muster.examples.stats;

import com.google.common.primitives.ImmutableDoubleArray;

/**
 * A histogram with bins of one width and the sum of squared weights in each, which gives the statistical uncertainty.
 *
 * <p>Immutable and thread-safe.
 *
 * @param low the lower edge of the first bin
 * @param high the upper edge of the last
 * @param contents the sum of weights of each bin
 * @param squares the sum of squared weights of each bin
 */
public record Histogram(
    double low, double high, ImmutableDoubleArray contents, ImmutableDoubleArray squares) {
  public Histogram {
    if (!(low < high)) {
      throw new IllegalArgumentException("a histogram from " + low + " to " + high);
    }
    if (contents.isEmpty() || contents.length() != squares.length()) {
      throw new IllegalArgumentException(
          contents.length() + " bins but " + squares.length() + " uncertainties");
    }
  }

  /** Returns a histogram to be filled. */
  public static Filling filling(double low, double high, int bins) {
    return new Filling(low, high, bins);
  }

  /** Returns the number of bins. */
  public int bins() {
    return contents.length();
  }

  /** Returns the width of a bin. */
  public double binWidth() {
    return (high - low) / bins();
  }

  /** Returns the lower edge of a bin; {@code edge(bins())} is the upper end. */
  public double edge(int bin) {
    return low + (high - low) * bin / bins();
  }

  /** Returns the centre of a bin. */
  public double center(int bin) {
    return low + (high - low) * (bin + 0.5) / bins();
  }

  /** Returns the sum of weights of a bin. */
  public double content(int bin) {
    return contents.get(bin);
  }

  /** Returns the statistical uncertainty of a bin; for weights of 1 the root of its content. */
  public double uncertainty(int bin) {
    return Math.sqrt(squares.get(bin));
  }

  /** Returns the sum of all bins. */
  public double sum() {
    return contents.stream().sum();
  }

  /** Returns the largest content of a bin. */
  public double maximum() {
    return contents.stream().max().orElse(0);
  }

  /**
   * Returns the sum of two histograms.
   *
   * @throws IllegalArgumentException if their bins differ
   */
  public Histogram plus(Histogram other) {
    if (low != other.low || high != other.high || bins() != other.bins()) {
      throw new IllegalArgumentException("histograms of different bins cannot be added");
    }
    Filling sum = filling(low, high, bins());
    for (int bin = 0; bin < bins(); bin++) {
      sum.contents[bin] = content(bin) + other.content(bin);
      sum.squares[bin] = squares.get(bin) + other.squares.get(bin);
    }
    return sum.histogram();
  }

  /** Collects values. Not thread-safe. */
  public static final class Filling {
    private final double low;
    private final double high;
    private final double[] contents;
    private final double[] squares;

    private Filling(double low, double high, int bins) {
      this.low = low;
      this.high = high;
      contents = new double[bins];
      squares = new double[bins];
    }

    /** Adds a value; one outside of the bins is ignored. The lower edge belongs to a bin, the upper one does not. */
    public void fill(double value, double weight) {
      if (value >= low && value < high) {
        int bin = (int) ((value - low) / (high - low) * contents.length);
        int inside = Math.min(bin, contents.length - 1);
        contents[inside] += weight;
        squares[inside] += weight * weight;
      }
    }

    /** Returns what was collected. */
    public Histogram histogram() {
      return new Histogram(
          low, high, ImmutableDoubleArray.copyOf(contents), ImmutableDoubleArray.copyOf(squares));
    }
  }
}
