package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the exit codes that the scripts of jobs leave behind. Thread-safe. */
final class ExitFiles {
  private static final Logger log = LoggerFactory.getLogger(ExitFiles.class);
  private static final int MOST_BYTES = 16;

  private final Path directory;

  ExitFiles(Path directory) {
    this.directory = directory;
  }

  /** Returns the exit codes of those jobs that have left one. */
  Map<JobId, Integer> read(Map<JobId, JobTable.Place> places) {
    Map<JobId, Integer> codes = new HashMap<>();
    places.forEach((id, place) -> {
      Path file = JobScript.exitFile(directory, place.tag(), place.index());
      try {
        if (Files.size(file) <= MOST_BYTES) {
          codes.put(id, Integer.valueOf(Files.readString(file).strip()));
        }
      } catch (NoSuchFileException e) {
        log.trace("job {} has left no exit code", id);
      } catch (IOException | NumberFormatException e) {
        log.warn("the exit code of job {} cannot be read from {}: {}", id, file, IoErrors.words(e));
      }
    });
    return codes;
  }
}
