package dev.muster.dask;

import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import dev.muster.testkit.FailureKindContract;

/** The table of failures on a real scheduler and real workers: commands and functions in Python. */
class DaskFailureKindIT extends FailureKindContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.config("python", DaskSite.python());
  }
}
