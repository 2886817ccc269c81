package dev.muster.batch.backend;

import dev.muster.batch.spi.JobSpec;
import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.value.ValueEncoding;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * What travels with each job that sees nothing of this host, and what comes back of it: an archive each, {@code
 * muster_batch/away.py} has the other side. Immutable and thread-safe.
 *
 * @param folder returns the folder of a task in the run's directory
 */
record Parcels(IntFunction<Path> folder) {
  private static final String TASKS = "tasks";

  /**
   * Writes what a job is sent.
   *
   * @param array the folder of its submission
   * @param index its number in it
   * @param parts files by their names in its folder
   * @param baggage what its calls need besides
   */
  static void write(Path array, int index, Map<String, byte[]> parts, Baggage baggage) {
    Path file = array.resolve(JobSpec.parcelIn(Integer.toString(index)));
    Path at = file;
    try {
      OwnFiles.secretFile(file);
      try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
        out.setLevel(Deflater.BEST_SPEED);
        for (Map.Entry<String, byte[]> part : parts.entrySet()) {
          put(out, part.getKey(), part.getValue());
        }
        put(
            out,
            Baggage.CALL + "executable.json",
            ValueEncoding.encode(baggage.executables(), "the names of programs"));
        for (Map.Entry<String, Path> each : baggage.files().entrySet()) {
          at = each.getValue();
          out.putNextEntry(new ZipEntry(each.getKey()));
          Files.copy(at, out);
          out.closeEntry();
        }
      }
    } catch (IOException e) {
      throw new MusterException(
          "what a job is sent cannot be packed into " + file + ": " + at + ": "
              + IoErrors.describe(e),
          e);
    }
  }

  private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
    out.putNextEntry(new ZipEntry(name));
    out.write(content);
    out.closeEntry();
  }

  /**
   * Takes what has come back of a job: what it tells of its tasks lies in the folder of its submission then, and what
   * their outputs name in their folders.
   *
   * @return whether something has come
   * @throws MusterException if it cannot be read, or be written here
   */
  boolean take(Job job) {
    Path parcel = job.array.folder.resolve(JobSpec.parcelOut(Integer.toString(job.index)));
    try {
      if (!Files.exists(parcel) || Files.size(parcel) == 0) {
        return false;
      }
      try (FileSystem zip =
              FileSystems.newFileSystem(parcel, Map.of("enablePosixFileAttributes", "true"));
          Stream<Path> all = Files.walk(zip.getPath("/"))) {
        for (Path each : all.filter(Files::isRegularFile).toList()) {
          take(job, each);
        }
      }
      Files.delete(parcel);
      Files.deleteIfExists(job.array.folder.resolve(JobSpec.parcelIn(Integer.toString(job.index))));
      return true;
    } catch (IOException | RuntimeException e) {
      throw new MusterException(
          "what came back of " + job + " cannot be taken from " + parcel + ": " + IoErrors.words(e),
          e);
    }
  }

  private void take(Job job, Path from) throws IOException {
    Path name = from.getRoot().relativize(from).normalize();
    Path target;
    if (name.getNameCount() == 1) {
      target = job.array.folder.resolve(name.toString());
    } else if (name.getNameCount() > 2 && name.getName(0).toString().equals(TASKS)) {
      int place = Integer.parseInt(name.getName(1).toString());
      if (place < 0 || place >= job.tasks()) {
        throw new IOException("it has a file of another job: " + name);
      }
      target = folder
          .apply(job.task(place))
          .resolve(name.subpath(2, name.getNameCount()).toString());
    } else {
      throw new IOException("it has a file that belongs nowhere: " + name);
    }
    OwnFiles.folder(Objects.requireNonNull(target.getParent()));
    Path part = target.resolveSibling(target.getFileName() + ".part");
    Files.copy(from, part, StandardCopyOption.REPLACE_EXISTING);
    if (Files.getPosixFilePermissions(from).contains(PosixFilePermission.OWNER_EXECUTE)) {
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Writes what a single job with nothing of its own is sent. */
  static void writeEmpty(Path folder) {
    try {
      OwnFiles.secretFolder(folder);
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot make the folder of a job " + folder, e);
    }
    CallFiles.write(folder.resolve(JobSpec.parcelIn("0")), new byte[0]);
  }
}
