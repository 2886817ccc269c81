package dev.muster.internal.rundir;

import dev.muster.error.Visible;
import dev.muster.internal.process.ProcessStart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The process that has a run: its controller. Immutable and thread-safe.
 *
 * @param host the name of its host
 * @param boot what changes whenever the host starts; empty where that is not known
 * @param space the space of process ids, which containers have of their own; empty where there is only one
 * @param pid its process id
 * @param start when the process started, see {@link ProcessStart#of}
 * @param since when it took the run
 */
public record RunOwner(
    String host, String boot, String space, long pid, long start, Instant since) {
  private static final int LARGEST = 4096;

  /** What is known of the process. */
  public enum Life {
    /** It lives, on this host. */
    ALIVE,
    /** It is gone: it was of this host and boot. */
    DEAD,
    /** It is or was of another host, boot or container, whose processes cannot be seen from here. */
    ELSEWHERE
  }

  /** Returns this process. */
  static RunOwner here(Instant now) {
    long pid = ProcessHandle.current().pid();
    return new RunOwner(
        Here.HOST,
        Here.BOOT,
        Here.SPACE,
        pid,
        ProcessStart.of(pid),
        now.truncatedTo(ChronoUnit.MILLIS));
  }

  /**
   * Reads the file of an owner.
   *
   * @return the owner, or null if the file holds none: it is being written, or was when its process died
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  static @Nullable RunOwner read(Path file) throws IOException {
    String text;
    try (var in = Files.newInputStream(file)) {
      text = new String(in.readNBytes(LARGEST), StandardCharsets.UTF_8);
    }
    if (!text.endsWith("\n")) {
      return null;
    }
    Map<String, String> fields = new LinkedHashMap<>();
    text.lines().forEach(line -> {
      int at = line.indexOf('=');
      fields.put(line.substring(0, Math.max(0, at)), line.substring(at + 1));
    });
    try {
      return new RunOwner(
          fields.getOrDefault("host", ""),
          fields.getOrDefault("boot", ""),
          fields.getOrDefault("space", ""),
          Long.parseLong(fields.getOrDefault("pid", "")),
          Long.parseLong(fields.getOrDefault("start", "")),
          Instant.parse(fields.getOrDefault("since", "")));
    } catch (NumberFormatException | DateTimeException e) {
      return null;
    }
  }

  /** Returns what the file of this owner holds. */
  String text() {
    return "host=" + host + "\nboot=" + boot + "\nspace=" + space + "\npid=" + pid + "\nstart="
        + start + "\nsince=" + since + "\n";
  }

  /** Tells what is known of it, from here and now. */
  public Life life() {
    if (!host.equals(Here.HOST) || !boot.equals(Here.BOOT) || !space.equals(Here.SPACE)) {
      return Life.ELSEWHERE;
    }
    long now = ProcessStart.of(pid);
    return now >= 0 && now == start ? Life.ALIVE : Life.DEAD;
  }

  /** Tells whether it is a process of a host with this name that this host, which has that name, knows nothing of. */
  boolean isOfOtherBoot() {
    return host.equals(Here.HOST) && life() == Life.ELSEWHERE;
  }

  /** Returns it for people, for example {@code process 4711 of host node7}. */
  @Override
  public String toString() {
    return "process " + pid + " of host " + Visible.line(host);
  }

  private static final class Here {
    static final String HOST = host();
    static final String BOOT = line(Path.of("/proc/sys/kernel/random/boot_id"));
    static final String SPACE = space();

    private static String host() {
      String name = line(Path.of("/proc/sys/kernel/hostname"));
      if (!name.isEmpty()) {
        return name;
      }
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "localhost";
      }
    }

    private static String line(Path file) {
      try {
        return Files.readString(file, StandardCharsets.UTF_8).strip();
      } catch (IOException e) {
        return ""; // no Linux
      }
    }

    private static String space() {
      try {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
      } catch (IOException | UnsupportedOperationException e) {
        return "";
      }
    }
  }
}
