package dev.muster.pixi;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The programs that run on a worker. Thread-safe. */
final class WorkerScripts {
  private static final String BEGIN = "# begin: is it there?\n";
  private static final String END = "# end: is it there?\n";

  private WorkerScripts() {}

  /** Returns the shell script that extracts an archive once per machine. */
  static byte[] unpack() {
    return read("unpack.sh");
  }

  /**
   * Returns lines for bash that succeed if the environment is extracted already, and mark it as used then. They are
   * part of {@link #unpack}.
   *
   * @param name the name of the environment's folder
   * @param folder the folder for environments, a word of the shell
   */
  static String extracted(String name, String folder) {
    String script = new String(unpack(), StandardCharsets.UTF_8);
    int from = script.indexOf(BEGIN);
    int to = script.indexOf(END);
    if (from < 0 || to < from) {
      throw new IllegalStateException("unpack.sh does not say how it looks for an environment");
    }
    return "name=" + name + " folder=" + folder + "\n" + script.substring(from + BEGIN.length(), to)
        + "use";
  }

  /** Returns the Python program that writes an environment's new path into its files. */
  static byte[] relocate() {
    return read("relocate.py");
  }

  private static byte[] read(String name) {
    try (InputStream in = WorkerScripts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw IoErrors.unchecked("the jar's scripts for workers cannot be read", e);
    }
  }
}
