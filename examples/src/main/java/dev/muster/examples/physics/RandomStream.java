package dev.muster.examples.physics;

/**
 * A stream of random numbers that is the same on every JDK: xoshiro256** (Blackman and Vigna), seeded by SplitMix64,
 * with all functions from {@link StrictMath}. Not thread-safe.
 */
public final class RandomStream {
  private static final double UNIT = 0x1p-53;

  private long a;
  private long b;
  private long c;
  private long d;
  private double spare;
  private boolean hasSpare;

  /** Starts a stream; streams of different seeds are independent. */
  public RandomStream(long seed) {
    a = mix(seed + 0x9E3779B97F4A7C15L);
    b = mix(seed + 0x3C6EF372FE94F82AL);
    c = mix(seed + 0xDAA66D2C7DDF743FL);
    d = mix(seed + 0x78DDE6E5FD29F054L);
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Returns 64 random bits. */
  public long bits() {
    long result = Long.rotateLeft(b * 5, 7) * 9;
    long t = b << 17;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = Long.rotateLeft(d, 45);
    return result;
  }

  /** Returns a number in (0, 1), both ends excluded. */
  public double uniform() {
    return ((bits() >>> 11) + 0.5) * UNIT;
  }

  /** Returns a number between {@code low} and {@code high}. */
  public double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }

  /** Returns an integer from 0 to {@code bound - 1}. */
  public int below(int bound) {
    return (int) (uniform() * bound);
  }

  /** Returns a number of the normal distribution with mean 0 and width 1 (polar method). */
  public double gaussian() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double x;
    double y;
    double square;
    do {
      x = uniform(-1, 1);
      y = uniform(-1, 1);
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double scale = Math.sqrt(-2 * StrictMath.log(square) / square);
    spare = y * scale;
    hasSpare = true;
    return x * scale;
  }

  /** Returns a number of the exponential distribution. */
  public double exponential(double mean) {
    return -mean * StrictMath.log(uniform());
  }

  /** Returns how many events happen where {@code mean} are expected; takes time in proportion to the mean. */
  public int poisson(double mean) {
    int count = -1;
    for (double time = 0; time <= mean; count++) {
      time += exponential(1);
    }
    return count;
  }
}
