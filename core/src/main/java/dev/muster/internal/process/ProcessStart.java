package dev.muster.internal.process;

import java.time.Instant;

/**
 * When a process started: with its id it tells the process from every other one of this boot of the host. Thread-safe.
 */
public final class ProcessStart {
  private ProcessStart() {}

  /**
   * Returns when a process started: on Linux in ticks of its clock since the host's boot, elsewhere in milliseconds
   * since 1970; 0 if that cannot be known, -1 if there is no such process or it has ended.
   */
  public static long of(long pid) {
    if (ProcessTable.isAvailable()) {
      return ProcessTable.start(pid);
    }
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .map(process -> process.info().startInstant().map(Instant::toEpochMilli).orElse(0L))
        .orElse(-1L);
  }
}
