package dev.muster.report.internal;

import dev.muster.report.Report;
import dev.muster.spi.RunReporter;
import java.nio.file.Path;

/** Writes {@link Report#NAME} when a run has ended. Thread-safe. */
public final class RunEndReport implements RunReporter {
  /** For {@link java.util.ServiceLoader}. */
  public RunEndReport() {}

  @Override
  public void report(Path run) {
    Report.write(run);
  }
}
