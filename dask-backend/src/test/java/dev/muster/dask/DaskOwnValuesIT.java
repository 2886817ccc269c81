package dev.muster.dask;

import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import dev.muster.testkit.OwnValuesContract;

/** That each call of a function has values of its own, on a real scheduler and a real worker. */
class DaskOwnValuesIT extends OwnValuesContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.config("python", DaskSite.python());
  }
}
