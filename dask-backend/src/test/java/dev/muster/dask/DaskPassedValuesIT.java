package dev.muster.dask;

import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import dev.muster.testkit.PassedValuesContract;

/** The table of values on a real scheduler and a real worker, and between them and the backend local. */
class DaskPassedValuesIT extends PassedValuesContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.config("python", DaskSite.python());
  }
}
