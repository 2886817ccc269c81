package dev.muster.dask;

import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import dev.muster.testkit.FastHepFormsContract;

/** That functions and modifiers as FAST-HEP has them run on a real scheduler and a real worker. */
class DaskFastHepFormsIT extends FastHepFormsContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.config("python", DaskSite.python());
  }
}
