package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.MusterException;
import dev.muster.internal.journal.JournalReader;
import dev.muster.run.RunEvent;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads what happened in a run from its directory.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class RunJournal {
  private RunJournal() {}

  /**
   * Returns the events of a run, in order. The journal of a run that was killed reads back too: up to the last whole line.
   *
   * @param runDirectory the directory of the run
   * @throws MusterException if there is no journal or it is damaged; the message names file and line
   */
  public static List<RunEvent> read(Path runDirectory) {
    return JournalReader.read(runDirectory.resolve("journal"));
  }
}
