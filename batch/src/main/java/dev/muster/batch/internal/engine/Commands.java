package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.CommandResult;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the commands of a batch system. Thread-safe. */
interface Commands {
  /**
   * Runs a command to its end.
   *
   * @param command the program and its arguments; no shell reads them
   * @param input what it reads from standard input, or null for nothing
   * @param limit how long it may take; it and all that it started is ended then
   * @throws CommandFailed if it cannot be started or took too long
   * @throws InterruptedException if the thread is interrupted; the command is ended
   */
  CommandResult run(List<String> command, @Nullable String input, Duration limit)
      throws CommandFailed, InterruptedException;
}
