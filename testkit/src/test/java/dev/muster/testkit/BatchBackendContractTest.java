package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.spi.Backend;

/** What every backend must do, with jobs that are child processes, and operations in Python. */
class BatchBackendContractTest extends PythonBackendContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }
}
