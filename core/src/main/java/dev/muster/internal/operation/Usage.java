package dev.muster.internal.operation;

import org.jspecify.annotations.Nullable;

/**
 * What child processes used for the task of the calling thread. An operation that starts processes fills it in where a
 * modifier has asked for it. Not thread-safe.
 */
final class Usage {
  private static final ThreadLocal<@Nullable Usage> CURRENT = new ThreadLocal<>();

  private @Nullable Double cpuSeconds;
  private @Nullable Long peakBytes;
  private @Nullable String python;

  private Usage() {}

  /** Returns what the calling thread's task is asked to fill in, or null if nobody wants to know. */
  static @Nullable Usage current() {
    return CURRENT.get();
  }

  /** Runs code whose processes are to be measured; within another such call, both see the same. */
  static @Nullable Object measure(Measured code) throws Exception {
    Usage outer = CURRENT.get();
    if (outer != null) {
      return code.run(outer);
    }
    Usage usage = new Usage();
    CURRENT.set(usage);
    try {
      return code.run(usage);
    } finally {
      CURRENT.remove();
    }
  }

  /** Code that is measured. */
  @FunctionalInterface
  interface Measured {
    @Nullable
    Object run(Usage usage) throws Exception;
  }

  /** Notes CPU time of a process. */
  void addCpuSeconds(double seconds) {
    cpuSeconds = (cpuSeconds == null ? 0 : cpuSeconds) + seconds;
  }

  /** Notes the largest resident memory that a process had. */
  void addPeakBytes(long bytes) {
    if (bytes > 0) {
      peakBytes = Math.max(peakBytes == null ? 0 : peakBytes, bytes);
    }
  }

  /** Notes which Python ran the task. */
  void python(String version) {
    python = version;
  }

  /** Returns the CPU time of all processes, or null if none was measured. */
  @Nullable
  Double cpuSeconds() {
    return cpuSeconds;
  }

  /** Returns the largest resident memory of any one process, or null if none was measured. */
  @Nullable
  Long peakBytes() {
    return peakBytes;
  }

  /** Returns the version of the Python that ran the task, or null. */
  @Nullable
  String python() {
    return python;
  }
}
