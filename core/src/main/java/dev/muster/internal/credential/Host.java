package dev.muster.internal.credential;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What credentials depend on of this host. Immutable and thread-safe.
 *
 * @param environment the environment variables
 * @param uid the number of the user
 * @param temporary the folder in which tools leave credentials, {@code /tmp}
 */
record Host(Map<String, String> environment, InstantSource clock, int uid, Path temporary) {
  /** Returns the real one. */
  static Host here() {
    return new Host(System.getenv(), InstantSource.system(), ownUid(), Path.of("/tmp"));
  }

  private static int ownUid() {
    Path process = Path.of("/proc/self");
    Path asked = Files.exists(process) ? process : Path.of(System.getProperty("user.home"));
    try {
      return uid(asked);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find out the number of this user from " + asked, e);
    }
  }

  /** Returns the number of the user to whom a file belongs. */
  static int uid(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid");
  }

  /** Returns a variable, or null if it is not set or empty. */
  @Nullable
  String variable(String name) {
    String value = environment.get(name);
    return value == null || value.isBlank() ? null : value;
  }
}
