package dev.muster.examples.plugin;

import dev.muster.spi.ModifierProvider;
import dev.muster.testkit.ModifierProviderContract;

class ExpectOutputContractTest extends ModifierProviderContract {
  @Override
  protected ModifierProvider provider() {
    return new ExpectOutput();
  }
}
