package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Submission;
import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the files of submissions and makes the folders of logs. Thread-safe. */
final class SubmissionFiles {
  private static final Logger log = LoggerFactory.getLogger(SubmissionFiles.class);

  private final Path directory;
  private final Set<String> tags = ConcurrentHashMap.newKeySet();

  /**
   * Makes the folder for scripts and exit codes; nobody but its owner can look into it.
   *
   * @param parent the folder in which it is made
   * @throws MusterException if it cannot be made
   */
  SubmissionFiles(Path parent) {
    this.directory = parent.resolve("jobs");
    try {
      OwnFiles.secretFolder(directory);
    } catch (IOException e) {
      throw new MusterException(
          "cannot make the folder for job scripts " + directory + ": " + IoErrors.describe(e), e);
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
        OwnFiles.folder(spec.logs().resolve(folder));
      }
    } catch (IOException e) {
      throw new MusterException(
          "job " + spec.name() + ": cannot make the folders for its logs in " + spec.logs() + ": "
              + IoErrors.describe(e),
          e);
    }
  }

  /**
   * Writes the files of a submission; scripts become executable.
   *
   * @param tag the tag of the submission
   * @throws MusterException if one cannot be written
   */
  void write(Submission submission, String tag) {
    tags.add(tag);
    for (Map.Entry<Path, String> file : submission.files().entrySet()) {
      Path path = file.getKey().toAbsolutePath().normalize();
      if (!path.startsWith(directory)) {
        throw new IllegalStateException(
            "a dialect may write files in " + directory + " only, not " + path);
      }
      try {
        if (file.getValue().startsWith("#!")) {
          OwnFiles.writeProgram(path, file.getValue());
        } else {
          OwnFiles.writeSecret(path, file.getValue().getBytes(StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        throw new MusterException(
            "cannot write the job file " + path + ": " + IoErrors.describe(e), e);
      }
    }
  }

  /** Deletes the environments that commands have left for the jobs of these submissions, which are all over. */
  void deleteEnvironments() {
    for (String tag : tags) {
      Path file = directory.resolve(tag + Submission.ENVIRONMENT);
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        log.warn("{} cannot be deleted: {}", file, IoErrors.describe(e));
      }
    }
  }
}
