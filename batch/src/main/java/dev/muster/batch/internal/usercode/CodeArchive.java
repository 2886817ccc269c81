package dev.muster.batch.internal.usercode;

import dev.muster.error.MusterException;
import dev.muster.internal.file.Wheels;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Zip files with code. Thread-safe. */
public final class CodeArchive {
  private CodeArchive() {}

  /**
   * Writes an archive.
   *
   * @param files files by their names in it
   * @param wheels wheels by the folders in it that receive what they hold
   */
  public static void write(Path archive, Map<String, Path> files, Map<String, Path> wheels) {
    Path at = archive;
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(archive))) {
      for (Map.Entry<String, Path> file : files.entrySet()) {
        at = file.getValue();
        out.putNextEntry(new ZipEntry(file.getKey()));
        Files.copy(at, out);
        out.closeEntry();
      }
      for (Map.Entry<String, Path> wheel : wheels.entrySet()) {
        at = wheel.getValue();
        try (ZipFile held = new ZipFile(at.toFile())) {
          for (ZipEntry entry : Collections.list(held.entries())) {
            out.putNextEntry(new ZipEntry(wheel.getKey() + "/" + Wheels.checked(at, entry)));
            try (InputStream in = held.getInputStream(entry)) {
              in.transferTo(out);
            }
            out.closeEntry();
          }
        }
      }
    } catch (IOException e) {
      throw new MusterException(
          "the workers' code cannot be packed into " + archive + ": " + at + ": "
              + IoErrors.describe(e),
          e);
    }
  }
}
