package dev.muster.internal.engine;

import dev.muster.error.MusterException;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import dev.muster.spi.RunReporter;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is written for people when a run has ended. Immutable and thread-safe. */
final class RunReports {
  private static final Logger log = LoggerFactory.getLogger("dev.muster.run");

  private RunReports() {}

  /** Has it written, if the run has a directory and its execution does not say that it shall not. */
  static void write(Plan plan, Providers providers, RunFiles files) {
    Path run = files.given();
    if (run == null || Boolean.FALSE.equals(plan.execution().execution().report())) {
      return;
    }
    try {
      for (RunReporter reporter : providers.reporters()) {
        reporter.report(plan, run);
      }
    } catch (MusterException e) {
      log.warn("there is no report of the run in {}: {}", run, e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      log.warn("there is no report of the run in {}", run, e);
    }
  }
}
