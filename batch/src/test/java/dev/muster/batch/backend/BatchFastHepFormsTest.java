package dev.muster.batch.backend;

import dev.muster.spi.Backend;
import dev.muster.testkit.FastHepFormsContract;

class BatchFastHepFormsTest extends FastHepFormsContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }
}
