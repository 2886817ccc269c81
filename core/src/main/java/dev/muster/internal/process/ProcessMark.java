package dev.muster.internal.process;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The environment variable by which descendants of a process are found wherever they went.
 *
 * <p>Children inherit it, also across {@code setsid}, double forks and {@code nohup}. Each process that this JVM starts
 * gets a value of its own, and all values of this JVM begin alike. A process that has another environment does not have
 * it. Thread-safe.
 */
public final class ProcessMark {
  /** The name of the variable. */
  public static final String VARIABLE = "MUSTER_PROCESS_MARK";

  /**
   * The variable that has the mark of another process's environment as its value: of a process that serves that one,
   * and ends by itself when that one is gone.
   */
  static final String OWNER = "MUSTER_PROCESS_OWNER";

  private static final String JVM = UUID.randomUUID() + ".";
  private static final AtomicLong LAST = new AtomicLong();

  private ProcessMark() {}

  /** Returns a value that no other process has. */
  static String next() {
    return JVM + LAST.incrementAndGet();
  }

  /** Returns what the values of all processes that this JVM starts begin with. */
  static String ofJvm() {
    return JVM;
  }
}
