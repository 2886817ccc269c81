package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.spi.OperationProvider;
import dev.muster.testkit.FakeContext;
import dev.muster.testkit.OperationProviderContract;
import java.util.List;

class ScaleOperationsTest extends OperationProviderContract {
  @Override
  protected OperationProvider provider() {
    return new ScaleOperations();
  }

  @Override
  protected void prepare(String operation, FakeContext.Builder context) {
    context.param("factor", 2).input("Numbers", List.of(1, 2));
  }

  @Override
  protected void check(String operation, Object output) {
    assertThat(output).isEqualTo(List.of(2, 4));
  }
}
