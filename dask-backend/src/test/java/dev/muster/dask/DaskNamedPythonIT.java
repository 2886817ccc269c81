package dev.muster.dask;

import dev.muster.spi.Backend;
import dev.muster.testkit.NamedPythonContract;

/** The interpreters that pools name on a real scheduler and real workers. */
class DaskNamedPythonIT extends NamedPythonContract {
  @Override
  protected Backend backend() {
    return new DaskBackend();
  }

  @Override
  protected String python() {
    return DaskSite.python();
  }
}
