package dev.muster.report.internal;

import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.plan.Plan;
import dev.muster.report.Report;
import dev.muster.spi.RunReporter;
import java.nio.file.Path;

/** Writes {@link Report#NAME} when a run has ended. Thread-safe. */
public final class RunEndReport implements RunReporter {
  /** For {@link java.util.ServiceLoader}. */
  public RunEndReport() {}

  @Override
  public void report(Plan plan, Path run) {
    PageFile.write(run, RecordedPlan.of(plan), run.resolve(Report.NAME));
  }
}
