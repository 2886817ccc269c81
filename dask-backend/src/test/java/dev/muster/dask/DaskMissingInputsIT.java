package dev.muster.dask;

import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import dev.muster.testkit.MissingInputsContract;

/** What is gathered with gaps, on a real scheduler and a real worker. */
class DaskMissingInputsIT extends MissingInputsContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.config("python", DaskSite.python());
  }
}
