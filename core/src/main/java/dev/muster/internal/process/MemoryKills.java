package dev.muster.internal.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts the processes that Linux has killed because memory ran out. Thread-safe.
 *
 * <p>A control group counts those of its own processes, whatever limit they ran into. The host's count has those of all
 * its users as well.
 */
public final class MemoryKills {
  private static final Path PROC = Path.of("/proc");
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");
  private static final String COUNTER = "oom_kill ";

  private static final long RECENT_NANOS = 50_000_000;

  private static volatile @Nullable Seen last;

  private MemoryKills() {}

  /**
   * A count and when it was taken.
   *
   * @param nanos the time as of {@link System#nanoTime}
   */
  private record Seen(long count, long nanos) {}

  /**
   * Returns how many there have been in this process's control group, on the whole host where that cannot be read, or
   * -1 if nothing can be known.
   */
  public static long count() {
    // Anew each time: whoever limits memory may move this process to another group.
    long count = count(PROC, GROUPS);
    last = new Seen(count, System.nanoTime());
    return count;
  }

  /**
   * Returns the same before something begins that may be killed. It may have been counted a moment ago, 50 ms at most:
   * to count takes longer than a short call or command.
   */
  public static long before() {
    Seen seen = last;
    return seen != null && System.nanoTime() - seen.nanos < RECENT_NANOS ? seen.count : count();
  }

  /** Returns how many there have been on this host since it started, or -1 if that cannot be known. */
  public static long onHost() {
    return read(PROC.resolve("vmstat"));
  }

  static long count(Path proc, Path groups) {
    Path group = group(proc, groups);
    long found = group == null ? -1 : read(group);
    return found >= 0 ? found : read(proc.resolve("vmstat"));
  }

  /**
   * Returns the file with the counters of this process's control group, of the version that limits memory here; null if
   * it is not known.
   */
  private static @Nullable Path group(Path proc, Path groups) {
    Path unified = null;
    try {
      for (String line : Files.readAllLines(proc.resolve("self/cgroup"))) {
        List<String> parts = Arrays.asList(line.split(":", 3)); // number:controllers:/path
        if (parts.size() < 3 || parts.get(2).contains("/..")) {
          continue; // outside of what is mounted here
        }
        String path = parts.get(2).substring(1);
        if (Arrays.asList(parts.get(1).split(",")).contains("memory")) {
          return groups.resolve("memory").resolve(path).resolve("memory.oom_control");
        }
        if (parts.get(1).isEmpty()) {
          unified = groups.resolve(path).resolve("memory.events");
        }
      }
    } catch (IOException | IndexOutOfBoundsException e) {
      return null;
    }
    return unified;
  }

  private static long read(Path counters) {
    try {
      String text = "\n" + Files.readString(counters, StandardCharsets.ISO_8859_1);
      int at = text.indexOf("\n" + COUNTER);
      if (at < 0) {
        return -1;
      }
      int end = text.indexOf('\n', at + 1);
      return Long.parseLong(text.substring(at + 1 + COUNTER.length(), end < 0 ? text.length() : end)
          .strip());
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }
}
