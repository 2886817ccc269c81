package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.spi.Backend;

class BatchFastHepFormsTest extends FastHepFormsContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }
}
