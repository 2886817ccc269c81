package dev.muster.spi;

import dev.muster.plan.Plan;
import java.nio.file.Path;

/**
 * Writes into the directory of a run that has ended what people look at, for example a report. It is found with
 * {@link java.util.ServiceLoader} and called once at the end of each run that has a directory, however the run ended,
 * unless its execution says {@code report: false}.
 *
 * <p>Whoever waits for the run waits for it too. It changes nothing of the run: if it fails, that is logged as a
 * warning. A new instance is made for each run.
 *
 * @since 0.1
 */
public interface RunReporter {
  /**
   * Writes what it has to say. Journal, plan and outputs are there, and no longer written.
   *
   * @param plan its plan
   * @param run the run's directory, absolute
   */
  void report(Plan plan, Path run);
}
