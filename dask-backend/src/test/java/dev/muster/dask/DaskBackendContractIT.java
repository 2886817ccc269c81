package dev.muster.dask;

import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import dev.muster.testkit.PythonBackendContract;

/** What every backend must do, on a real scheduler and real workers, with operations in Python. */
class DaskBackendContractIT extends PythonBackendContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.config("python", DaskSite.python());
  }
}
