package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.MusterException;
import dev.muster.internal.journal.JournalTail;
import dev.muster.run.RunEvent;
import java.nio.file.Path;
import java.util.ArrayList;
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
   * Returns the events of a run, in order. The journal of a run that was killed reads back too: up to the last whole
   * line. Of a run that was gone on with, the events of each controller follow those of the one before.
   *
   * @param runDirectory the directory of the run
   * @throws MusterException if there is no journal or it is damaged; the message names file and line
   */
  public static List<RunEvent> read(Path runDirectory) {
    List<RunEvent> events = new ArrayList<>();
    try (JournalTail journal = new JournalTail(runDirectory)) {
      journal.read(events::add);
    }
    return List.copyOf(events);
  }
}
