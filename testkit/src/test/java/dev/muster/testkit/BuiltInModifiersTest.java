package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.internal.operation.StageCodes;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Stage;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

class BuiltInModifiersTest extends ModifierProviderContract {
  @Override
  protected ModifierProvider provider() {
    return new BuiltIns();
  }

  @Override
  protected void check(String name, @Nullable Object output, FakeContext context) {
    assertThat(output).isEqualTo(OUTPUT);
    assertThat(context.diagnostics()).isNotEmpty();
  }

  @Override
  protected boolean registered() {
    return false; // they are there without being looked for
  }

  private static final class BuiltIns implements ModifierProvider {
    @Override
    public Set<String> names() {
      return Set.of("profile", "diagnostics");
    }

    @Override
    public ModifierHooks create(Modifier modifier, OperationSetup setup) {
      Stage stage = setup.stage().toBuilder()
          .run(context -> null)
          .modifiers(List.of(modifier))
          .build();
      try (StageCodes codes = BuiltIn.open(stage, setup)) {
        return codes.of(stage).hooks().get(0);
      }
    }
  }
}
