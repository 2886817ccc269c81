package dev.muster.examples.plugin;

import dev.muster.spi.Backend;
import dev.muster.testkit.BackendContract;

class ForkJoinBackendContractTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new ForkJoinBackend();
  }
}
