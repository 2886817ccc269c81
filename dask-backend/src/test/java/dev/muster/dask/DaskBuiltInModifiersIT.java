package dev.muster.dask;

import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import dev.muster.testkit.BuiltInModifiersContract;

/** The built-in modifiers in Python on a real scheduler and a real worker. */
class DaskBuiltInModifiersIT extends BuiltInModifiersContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.config("python", DaskSite.python());
  }
}
