package dev.muster.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Counts the processes that Linux has killed because memory ran out. Thread-safe. */
public final class MemoryKills {
  private static final Path COUNTERS = Path.of("/proc/vmstat");
  private static final String COUNTER = "oom_kill ";

  private MemoryKills() {}

  /** Returns how many there have been on this host since it started, or -1 if that cannot be known. */
  public static long count() {
    try {
      for (String line : Files.readAllLines(COUNTERS)) {
        if (line.startsWith(COUNTER)) {
          return Long.parseLong(line.substring(COUNTER.length()).strip());
        }
      }
      return -1;
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }
}
