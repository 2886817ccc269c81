package dev.muster.internal.batch;

import dev.muster.batch.JobSpec;
import dev.muster.batch.Submission;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes the files of submissions and makes the folders of logs. Thread-safe. */
final class SubmissionFiles {
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OWNER_DATA =
      PosixFilePermissions.fromString("rw-------");

  private final Path directory;

  /**
   * Makes the folder for scripts and exit codes; nobody but its owner can look into it.
   *
   * @param parent the folder in which it is made
   * @throws MusterException if it cannot be made
   */
  SubmissionFiles(Path parent) {
    this.directory = parent.resolve("jobs");
    try {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, OWNER);
    } catch (IOException e) {
      throw new MusterException(
          "cannot make the folder for job scripts " + directory + ": " + e, e);
    }
  }

  /** Returns the folder. */
  Path directory() {
    return directory;
  }

  /**
   * Makes the folders for the logs of a job.
   *
   * @throws MusterException if they cannot be made
   */
  static void prepare(JobSpec spec) {
    try {
      for (String folder : List.of("out", "err", "logs")) {
        Files.createDirectories(spec.logs().resolve(folder));
      }
    } catch (IOException e) {
      throw new MusterException(
          "job " + spec.name() + ": cannot make the folders for its logs in " + spec.logs() + ": "
              + e,
          e);
    }
  }

  /**
   * Writes the files of a submission; scripts become executable.
   *
   * @throws MusterException if one cannot be written
   */
  void write(Submission submission) {
    for (Map.Entry<Path, String> file : submission.files().entrySet()) {
      Path path = file.getKey().toAbsolutePath().normalize();
      if (!path.startsWith(directory)) {
        throw new IllegalStateException(
            "a dialect may write files in " + directory + " only, not " + path);
      }
      try {
        Files.deleteIfExists(path);
        Files.createFile(path, PosixFilePermissions.asFileAttribute(OWNER_DATA));
        Files.writeString(path, file.getValue(), StandardCharsets.UTF_8);
        if (file.getValue().startsWith("#!")) {
          Files.setPosixFilePermissions(path, OWNER);
        }
      } catch (IOException e) {
        throw new MusterException("cannot write the job file " + path + ": " + e, e);
      }
    }
  }
}
