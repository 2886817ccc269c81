package dev.muster.batch.spi;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Something that can be asked for the state of jobs.
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
public sealed interface StatusSource {
  /**
   * A command that prints states.
   *
   * @param command the program and its arguments
   * @param late how long after the end of a job the command may still not know of it, as accounting does; zero if it
   *     knows at once. What is late is not asked about jobs that have left their exit codes, and a job of which nobody
   *     knows is lost only when that time has passed
   */
  record Command(List<String> command, Duration late) implements StatusSource {
    public Command {
      command = List.copyOf(command);
      if (late.isNegative()) {
        throw new IllegalArgumentException("a source cannot know before the end, got " + late);
      }
    }

    /** A command that knows at once. */
    public Command(List<String> command) {
      this(command, Duration.ZERO);
    }
  }

  /**
   * A file into which the batch system writes what happens to jobs. Read as a {@link CommandResult} with the file's
   * text as output, the command {@code cat FILE}, and exit code 1 if it is not there.
   *
   * @param path the file
   */
  record LogFile(Path path) implements StatusSource {}
}
