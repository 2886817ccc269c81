package dev.muster.testkit;

/**
 * What the tasks of {@link BackendContract} do.
 *
 * @since 0.1
 */
public enum Behaviour {
  /** Returns 1 plus the sum of all numbers among its inputs; gathered inputs are lists of numbers. A whole number. */
  SUM,
  /** Fails with a message that contains {@code on purpose}. */
  FAIL,
  /** Fails at the first attempt; returns the number of the attempt at any later one. */
  FAIL_ONCE,
  /** Does nothing until it is interrupted or killed, or for a minute. */
  BLOCK,
  /**
   * Locks the whole file that the parameter {@code file} names (POSIX record locks, as {@code fcntl} and {@link
   * java.nio.channels.FileChannel#lock()} take them), writes a byte into it, and holds the lock as long as it runs:
   * until it is killed, a second after it is first interrupted, or for a minute.
   */
  LINGER
}
