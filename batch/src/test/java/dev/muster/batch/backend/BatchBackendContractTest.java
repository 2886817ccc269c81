package dev.muster.batch.backend;

import dev.muster.spi.Backend;
import dev.muster.testkit.PythonBackendContract;

/** What every backend must do, with jobs that are child processes, and operations in Python. */
class BatchBackendContractTest extends PythonBackendContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }
}
