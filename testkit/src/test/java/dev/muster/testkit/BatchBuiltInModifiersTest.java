package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.spi.Backend;

class BatchBuiltInModifiersTest extends BuiltInModifiersContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }
}
