package dev.muster.internal.engine;

import dev.muster.error.MusterException;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import dev.muster.spi.RunReporter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is written for people when a run has ended. Immutable and thread-safe. */
final class RunReports {
  private static final Logger log = LoggerFactory.getLogger("dev.muster.run");

  private final Plan plan;
  private final @Nullable Path run;
  private final List<RunReporter> reporters;

  /**
   * Finds who writes, as the thread that starts the run does: others may see other providers.
   *
   * @throws MusterException if one cannot be loaded
   */
  RunReports(Plan plan, Providers providers, RunFiles files) {
    this.plan = plan;
    this.run = files.given();
    boolean wanted =
        run != null && !Boolean.FALSE.equals(plan.execution().execution().report());
    this.reporters = wanted ? providers.reporters() : List.of();
  }

  /** Has it written. Never fails: what goes wrong is in the log, and the run ends as it would have. */
  void write() {
    for (RunReporter reporter : reporters) {
      try {
        reporter.report(plan, Objects.requireNonNull(run));
      } catch (MusterException e) {
        log.warn("there is no report of the run in {}: {}", run, e.getMessage());
      } catch (RuntimeException | Error e) { // whoever waits for the run waits for this
        log.warn("there is no report of the run in {}", run, e);
      }
    }
  }
}
