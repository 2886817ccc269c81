package dev.muster.internal.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The processes of this host as Linux shows them in {@code /proc}; empty on other systems. Thread-safe. */
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final boolean AVAILABLE = Files.isReadable(PROC.resolve("self/stat"));

  private ProcessTable() {}

  /** Returns the processes that belong to one of these sessions; those that have ended but were not yet collected do not count. */
  static List<Long> inSessions(Set<Long> sessions) {
    List<Long> pids = new ArrayList<>();
    if (!AVAILABLE || sessions.isEmpty()) {
      return pids;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path entry : entries) {
        String[] stat = stat(entry);
        if (stat != null && !ended(stat) && sessions.contains(Long.parseLong(stat[3]))) {
          pids.add(Long.parseLong(entry.getFileName().toString()));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The rest of the table cannot be read; what was seen counts.
      return pids;
    }
    return pids;
  }

  /** Tells whether a process is there and has not ended; one that waits to be collected has. */
  static boolean alive(ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    String[] stat = AVAILABLE ? stat(PROC.resolve(Long.toString(process.pid()))) : null;
    return stat == null ? process.isAlive() : !ended(stat);
  }

  /** Returns the largest resident memory that a process has had, in bytes; 0 if it cannot be known. */
  static long peakBytes(long pid) {
    try {
      for (String line : Files.readAllLines(PROC.resolve(pid + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D+", "")) * 1024;
        }
      }
      return 0;
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  private static boolean ended(String[] stat) {
    return stat[0].equals("Z") || stat[0].equals("X");
  }

  // State, parent, group and session; null if the process is gone. The name before them, in
  // parentheses, may hold anything.
  private static String @Nullable [] stat(Path entry) {
    try {
      String line = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
      String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ", 5);
      return fields.length < 5 ? null : fields;
    } catch (IOException e) {
      return null;
    }
  }
}
