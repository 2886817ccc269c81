package dev.muster.batch.spi;

import java.nio.file.Path;
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
   */
  record Command(List<String> command) implements StatusSource {
    public Command {
      command = List.copyOf(command);
    }
  }

  /**
   * A file into which the batch system writes what happens to jobs. Read as a {@link CommandResult} with the file's text as output, the command {@code cat
   * FILE}, and exit code 1 if it is not there.
   *
   * @param path the file
   */
  record LogFile(Path path) implements StatusSource {}
}
