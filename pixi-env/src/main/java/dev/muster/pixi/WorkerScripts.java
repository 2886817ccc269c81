package dev.muster.pixi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The programs that run on a worker. Thread-safe. */
final class WorkerScripts {
  private WorkerScripts() {}

  /** Returns the shell script that extracts an archive once per machine. */
  static byte[] unpack() {
    return read("unpack.sh");
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
      throw new UncheckedIOException(e);
    }
  }
}
