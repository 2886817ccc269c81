package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** Reads the log files of a batch system, each again only when it has changed. Not thread-safe. */
final class LogFiles {
  private final BiFunction<CommandResult, Set<JobId>, StatusReport> reader;
  private final Map<Path, Read> files = new HashMap<>();

  private record Read(long size, FileTime changed, Set<JobId> asked, StatusReport report) {}

  /**
   * Makes a reader that has read nothing.
   *
   * @param reader makes states of a file's text
   */
  LogFiles(BiFunction<CommandResult, Set<JobId>, StatusReport> reader) {
    this.reader = reader;
  }

  /** Returns what a file says of jobs. */
  StatusReport read(Path file, Set<JobId> asked) {
    List<String> command = List.of("cat", file.toString());
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      Read before = files.get(file);
      if (before != null
          && before.size == now.size()
          && before.changed.equals(now.lastModifiedTime())
          && before.asked.containsAll(asked)) {
        return before.report;
      }
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      StatusReport report = reader.apply(new CommandResult(command, 0, text, ""), asked);
      files.put(file, new Read(now.size(), now.lastModifiedTime(), Set.copyOf(asked), report));
      return report;
    } catch (NoSuchFileException e) {
      return reader.apply(
          new CommandResult(command, 1, "", "cat: " + file + ": No such file or directory"), asked);
    } catch (IOException e) {
      return new StatusReport.Unavailable(file + " cannot be read: " + IoErrors.describe(e));
    }
  }

  /** Forgets what was read of files that are not among these. */
  void keep(Set<Path> used) {
    files.keySet().retainAll(used);
  }

  /** Returns the states in a report, none if it has none. */
  static Map<JobId, JobStatus> states(StatusReport report) {
    return report instanceof StatusReport.Answered answered ? answered.statuses() : Map.of();
  }
}
