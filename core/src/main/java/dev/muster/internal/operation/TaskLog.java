package dev.muster.internal.operation;

import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.LogTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a task's process prints: the files {@code stdout} and {@code stderr} in the task's folder, those of the last
 * attempt.
 *
 * @param stdout its standard output
 * @param stderr its standard error
 */
record TaskLog(Path stdout, Path stderr) {
  private static final Logger log = LoggerFactory.getLogger(TaskLog.class);

  /** Returns the files of the task whose folder this is. */
  static TaskLog in(Path directory) {
    return new TaskLog(directory.resolve("stdout"), directory.resolve("stderr"));
  }

  /** Makes both, empty. */
  void create() throws IOException {
    OwnFiles.file(stdout);
    OwnFiles.file(stderr);
  }

  /** Removes those that stayed empty. */
  void dropEmpty() throws IOException {
    for (Path file : new Path[] {stdout, stderr}) {
      if (Files.exists(file) && Files.size(file) == 0) {
        Files.delete(file);
      }
    }
  }

  /** Gives those that are not empty another place, in a folder that is made if need be; leaves the others. */
  void moveTo(TaskLog place) {
    move(stdout, place.stdout);
    move(stderr, place.stderr);
  }

  private static void move(Path from, Path to) {
    try {
      if (Files.exists(from) && Files.size(from) > 0) {
        Path folder = to.getParent();
        if (folder != null) {
          OwnFiles.folder(folder);
        }
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      log.warn("what a task printed cannot be kept as {}: {}", to, IoErrors.describe(e));
    }
  }

  /** Removes both. */
  void delete() {
    for (Path file : new Path[] {stdout, stderr}) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        log.debug("{} cannot be deleted", file, e);
      }
    }
  }

  /**
   * Returns the end of both, each with a heading, and that the disk is full where it is, to be added to a message;
   * empty if nothing was printed.
   */
  String tail() {
    return LogTail.section("stderr", stderr) + LogTail.section("stdout", stdout) + full();
  }

  /** Says that what was printed may be incomplete because the disk is full; empty where it is not. */
  String full() {
    Path folder = stdout.getParent();
    return folder == null ? "" : IoErrors.full(folder);
  }
}
