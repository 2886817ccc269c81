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
public final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final boolean AVAILABLE = Files.isReadable(PROC.resolve("self/stat"));
  private static final long OWN_START = ownStart();
  private static final int MOST_NEAR = 256;
  private static final int MOST_ROUNDS = 100;

  // The fields of "stat" from the state on.
  private static final int STATE = 0;
  private static final int SESSION = 3;
  private static final int START = 19;

  private ProcessTable() {}

  /**
   * What belongs together.
   *
   * @param sessions the sessions whose processes are meant
   * @param marks the values of {@link ProcessMark#VARIABLE} and {@link ProcessMark#OWNER} by which more are found
   */
  record Kin(Set<Long> sessions, Set<String> marks) {
    Kin {
      sessions = Set.copyOf(sessions);
      marks = Set.copyOf(marks);
    }

    boolean nobody() {
      return sessions.isEmpty() && marks.isEmpty();
    }
  }

  /** Returns the processes that belong to a kin; those that have ended but were not yet collected do not count. */
  static List<ProcessHandle> of(Kin kin) {
    List<ProcessHandle> found = new ArrayList<>();
    if (!AVAILABLE || kin.nobody()) {
      return found;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path entry : entries) {
        add(found, Long.parseLong(entry.getFileName().toString()), kin);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The rest of the table cannot be read; what was seen counts.
      return found;
    }
    return found;
  }

  /**
   * Returns the same for the kin of a process that started a short while ago, without a look at the whole table: its
   * descendants have the process ids after its own. Where too many ids were given out since, or the last one is not
   * known, the whole table is read.
   *
   * @param first the process; it is not looked at itself
   */
  static List<ProcessHandle> of(Kin kin, long first) {
    if (!AVAILABLE || kin.nobody()) {
      return new ArrayList<>();
    }
    List<ProcessHandle> found = new ArrayList<>();
    long next = first + 1;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      long last = lastPid();
      if (last < first || last - first > MOST_NEAR) {
        return of(kin);
      }
      if (last < next) {
        return found; // none has started while the others were looked at
      }
      for (; next <= last; next++) {
        if (Files.exists(PROC.resolve(Long.toString(next)))) {
          add(found, next, kin);
        }
      }
    }
    return of(kin);
  }

  /** Tells whether a process is there and has not ended; one that waits to be collected has. */
  public static boolean alive(ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    String[] stat = AVAILABLE ? stat(process.pid()) : null;
    return stat == null ? process.isAlive() : !ended(stat);
  }

  /** Tells whether this system has such a table. */
  static boolean isAvailable() {
    return AVAILABLE;
  }

  /** Returns when a process started, in ticks since the host's boot; -1 if it has ended. */
  static long start(long pid) {
    String[] stat = stat(pid);
    return stat == null || ended(stat) ? -1 : Long.parseLong(stat[START]);
  }

  /** Tells whether a signal has stopped a process. */
  static boolean stopped(long pid) {
    String[] stat = AVAILABLE ? stat(pid) : null;
    return stat != null && stat[STATE].equals("T");
  }

  // The handle knows when its process started. It is made before the process is looked at for the
  // last time, so that it never stands for a later one with the same id.
  private static void add(List<ProcessHandle> found, long pid, Kin kin) {
    if (belongs(pid, kin)) {
      ProcessHandle.of(pid).filter(handle -> belongs(pid, kin)).ifPresent(found::add);
    }
  }

  private static boolean belongs(long pid, Kin kin) {
    String[] stat = stat(pid);
    if (stat == null || ended(stat)) {
      return false;
    }
    if (kin.sessions().contains(Long.parseLong(stat[SESSION]))) {
      return true;
    }
    // What is older than this JVM is not its descendant.
    return !kin.marks().isEmpty()
        && Long.parseLong(stat[START]) >= OWN_START
        && marked(pid, kin.marks());
  }

  private static boolean ended(String[] stat) {
    return stat[STATE].equals("Z") || stat[STATE].equals("X");
  }

  private static long ownStart() {
    String[] stat = AVAILABLE ? stat(ProcessHandle.current().pid()) : null;
    return stat == null ? 0 : Long.parseLong(stat[START]);
  }

  // Not where it cannot be known: the process is another user's, or gone.
  private static boolean marked(long pid, Set<String> marks) {
    try {
      String environment = "\0"
          + Files.readString(PROC.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1)
          + "\0";
      return marks.contains(value(environment, ProcessMark.VARIABLE))
          || marks.contains(value(environment, ProcessMark.OWNER));
    } catch (IOException e) {
      return false;
    }
  }

  // Empty where there is none.
  private static String value(String environment, String name) {
    String begin = "\0" + name + "=";
    int at = environment.indexOf(begin);
    return at < 0
        ? ""
        : environment.substring(at + begin.length(), environment.indexOf('\0', at + 1));
  }

  // The process that was started last; -1 if it is not known.
  private static long lastPid() {
    try {
      String line =
          Files.readString(PROC.resolve("loadavg"), StandardCharsets.ISO_8859_1).strip();
      return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }

  // Null if the process is gone. The name before the fields, in parentheses, may hold anything.
  private static String @Nullable [] stat(long pid) {
    try {
      String line = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
      String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ", START + 2);
      return fields.length < START + 2 ? null : fields;
    } catch (IOException e) {
      return null;
    }
  }
}
