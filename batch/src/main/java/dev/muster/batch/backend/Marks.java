package dev.muster.batch.backend;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A set of small numbers, such as the tasks of a job: takes little room, as there is one of it for each job. */
final class Marks {
  private static final int LOW = Long.SIZE;

  private long low;
  private @Nullable BitSet high;

  /** Adds a number of 0 or more. */
  void set(int number) {
    if (number < LOW) {
      low |= 1L << number;
      return;
    }
    BitSet numbers = high == null ? new BitSet() : high;
    numbers.set(number - LOW);
    high = numbers;
  }

  boolean get(int number) {
    return number < LOW ? (low >> number & 1) != 0 : high != null && high.get(number - LOW);
  }

  boolean isEmpty() {
    return low == 0 && high == null;
  }

  /** Returns how many there are. */
  int cardinality() {
    return Long.bitCount(low) + (high == null ? 0 : high.cardinality());
  }
}
