package dev.muster.batch.backend;

import dev.muster.spi.Backend;
import dev.muster.testkit.BuiltInModifiersContract;

class BatchBuiltInModifiersTest extends BuiltInModifiersContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }
}
