package dev.muster.plan;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The main memory that this process may use: on Linux what the machine has, or less where a control group of the
 * process has a limit. The JVM knows it too, but to ask it takes longer than all else of a plan. Thread-safe.
 */
final class MachineMemory {
  private static final String TOTAL = "MemTotal:";
  private static final int KIB = 1024;

  private MachineMemory() {}

  /** Returns it in bytes. */
  static long here() {
    long found = of(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    return found > 0 ? found : ofJvm();
  }

  private static long ofJvm() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  /** Returns what is said in these two places, or -1 if that cannot be known. */
  static long of(Path proc, Path groups) {
    long least = total(proc);
    if (least <= 0) {
      return -1;
    }
    try {
      for (String line : lines(proc.resolve("self/cgroup"))) {
        List<String> parts = Arrays.asList(line.split(":", 3)); // number:controllers:/path
        if (parts.size() < 3) {
          continue;
        }
        if (parts.get(1).isEmpty()) {
          least = Math.min(least, limit(groups, parts.get(2), "memory.max"));
        } else if (Arrays.asList(parts.get(1).split(",")).contains("memory")) {
          least = Math.min(
              least, limit(groups.resolve("memory"), parts.get(2), "memory.limit_in_bytes"));
        }
      }
    } catch (IOException e) {
      return -1;
    }
    return least;
  }

  /** Returns the least limit of a group and of those above it, as far as they can be seen from here. */
  private static long limit(Path root, String path, String file) {
    Path group = root.resolve("./" + path).normalize();
    long least = Long.MAX_VALUE;
    while (group != null && group.startsWith(root)) {
      least = Math.min(least, number(group.resolve(file)));
      group = group.getParent();
    }
    return least;
  }

  /** Returns the number in a file, or the largest there is where there is none: no such group here, or no limit. */
  private static long number(Path file) {
    try {
      List<String> lines = lines(file);
      return lines.isEmpty() ? Long.MAX_VALUE : Long.parseLong(lines.get(0).strip());
    } catch (IOException | NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private static long total(Path proc) {
    try {
      for (String line : lines(proc.resolve("meminfo"))) {
        if (line.startsWith(TOTAL)) {
          return KIB
              * Long.parseLong(line.substring(TOTAL.length()).replace("kB", "").strip());
        }
      }
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
    return -1;
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
  }
}
