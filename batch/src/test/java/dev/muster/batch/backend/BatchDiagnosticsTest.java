package dev.muster.batch.backend;

import dev.muster.spi.Backend;
import dev.muster.testkit.DiagnosticsContract;

class BatchDiagnosticsTest extends DiagnosticsContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }
}
