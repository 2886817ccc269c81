package dev.muster.internal.process;

import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A command that was started, with all that it starts: when it has ended, so have they. Closing ends it. Thread-safe.
 */
public interface RunningCommand extends AutoCloseable {
  /**
   * Waits for the end.
   *
   * @throws IOException if it could not be started
   */
  CommandEnd await() throws IOException, InterruptedException;

  /** Returns how it ended; null as long as it runs. */
  @Nullable
  CommandEnd end();

  /** Has something run when it has ended, by a thread that must not be kept; at once if it has. */
  void atEnd(Runnable then);

  /** Asks it to end, and everything that it started, and has them killed after their grace period; returns at once. */
  void cancel();

  /**
   * Does the same, and returns when all have ended. Cannot be interrupted; the thread's interrupt flag is kept.
   * Idempotent.
   */
  @Override
  void close();

  /** Ends several at once. */
  static void close(Collection<? extends RunningCommand> commands) {
    commands.forEach(RunningCommand::cancel);
    commands.forEach(RunningCommand::close);
  }
}
