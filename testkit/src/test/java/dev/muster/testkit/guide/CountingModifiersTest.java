package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.spi.ModifierProvider;
import dev.muster.testkit.FakeContext;
import dev.muster.testkit.ModifierProviderContract;

class CountingModifiersTest extends ModifierProviderContract {
  @Override
  protected ModifierProvider provider() {
    return new CountingModifiers();
  }

  @Override
  protected void check(String name, Object output, FakeContext context) {
    super.check(name, output, context);
    assertThat(context.diagnostics()).containsKey("begun");
  }
}
