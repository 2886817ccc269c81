package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.spi.Backend;

class BatchMissingInputsTest extends MissingInputsContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }
}
