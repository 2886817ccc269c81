package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.execution.Execution;
import dev.muster.execution.Staging;
import dev.muster.spi.Backend;

/** What every backend must do, with jobs to which files are sent, each in a folder of its own. */
class BatchTransferContractTest extends PythonBackendContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.staging(Staging.TRANSFER);
  }
}
