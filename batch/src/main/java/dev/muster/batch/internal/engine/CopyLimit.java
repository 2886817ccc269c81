package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.error.Visible;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks how many copies one submission may have.
 *
 * @param limit how long the command may take
 */
record CopyLimit(BatchDialect dialect, Commands commands, Duration limit) {
  private static final Logger log = LoggerFactory.getLogger(CopyLimit.class);
  private static final int UNKNOWN = 1;

  /** Asks; where there is no answer, it is what such systems take by default. */
  int find() {
    List<String> command = dialect.mostCopiesCommand();
    if (command == null) {
      return Integer.MAX_VALUE;
    }
    CommandResult answer = new CommandResult(command, UNKNOWN, "", "");
    try {
      answer = commands.run(command, null, limit);
    } catch (CommandFailed e) {
      log.debug("the limit of arrays is not known: {}", Visible.text(e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Math.max(1, dialect.mostCopies(answer));
  }
}
