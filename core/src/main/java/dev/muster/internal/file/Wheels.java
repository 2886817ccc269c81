package dev.muster.internal.file;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Python wheels, which are zip files. Thread-safe. */
public final class Wheels {
  private Wheels() {}

  /** Unpacks a wheel. */
  public static void unpack(Path wheel, Path folder) {
    try (ZipFile held = new ZipFile(wheel.toFile())) {
      for (ZipEntry entry : Collections.list(held.entries())) {
        Path target = folder.resolve(checked(wheel, entry));
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          continue;
        }
        Files.createDirectories(target.getParent());
        try (InputStream in = held.getInputStream(entry)) {
          Files.copy(in, target);
        }
      }
    } catch (IOException e) {
      throw new MusterException(
          "the wheel " + wheel + " cannot be unpacked: " + IoErrors.describe(e), e);
    }
  }

  /**
   * Returns the name of an entry.
   *
   * @throws IOException if it leads out of the wheel
   */
  public static String checked(Path wheel, ZipEntry entry) throws IOException {
    Path name = Path.of(entry.getName());
    if (name.isAbsolute() || !name.normalize().equals(name) || name.startsWith("..")) {
      throw new IOException(wheel + " holds " + entry.getName() + ", which leads out of it");
    }
    return entry.getName();
  }
}
