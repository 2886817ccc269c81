package dev.muster.batch.internal.credential;

import dev.muster.internal.file.Owner;
import java.io.IOException;
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
    return new Host(System.getenv(), InstantSource.system(), Owner.thisUser(), Path.of("/tmp"));
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
