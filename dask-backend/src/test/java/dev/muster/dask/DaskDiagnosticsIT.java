package dev.muster.dask;

import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import dev.muster.testkit.DiagnosticsContract;

/** What the built-in modifiers note on a real scheduler and a real worker. */
class DaskDiagnosticsIT extends DiagnosticsContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.config("python", DaskSite.python());
  }
}
