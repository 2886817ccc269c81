package dev.muster.testkit;

import dev.muster.internal.local.LocalBackend;
import dev.muster.spi.Backend;

class LocalBuiltInModifiersTest extends BuiltInModifiersContract {
  @Override
  protected Backend backend() {
    return new LocalBackend();
  }
}
