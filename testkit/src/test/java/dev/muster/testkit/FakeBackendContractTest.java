package dev.muster.testkit;

import dev.muster.spi.Backend;

class FakeBackendContractTest extends BackendContract {
  @Override
  protected Backend backend() {
    return FakeBackend.automatic("fake");
  }

  @Override
  protected boolean concurrent() {
    return false; // by design
  }
}
