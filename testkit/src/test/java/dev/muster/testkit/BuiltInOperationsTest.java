package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.internal.operation.StageCodes;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

class BuiltInOperationsTest extends OperationProviderContract {
  @Override
  protected OperationProvider provider() {
    return new BuiltIns();
  }

  @Override
  protected void prepare(String operation, FakeContext.Builder context) {
    if (operation.equals("shell")) {
      context.param("command", "echo 42");
    } else {
      context.param("callable", "builtins:str").param("object", 42);
    }
  }

  @Override
  protected void check(String operation, @Nullable Object output) {
    assertThat(output).isEqualTo("42");
  }

  @Override
  protected boolean registered() {
    return false; // they are there without being looked for
  }

  private static final class BuiltIns implements OperationProvider {
    @Override
    public Set<String> names() {
      return Set.of("shell", "python");
    }

    @Override
    public Operation create(String name, OperationSetup setup) {
      StageCodes codes = BuiltIn.open(setup.stage().toBuilder().op(name).build(), setup);
      return new Closing(codes, codes.of(setup.stage()).operation());
    }
  }

  private record Closing(StageCodes codes, Operation operation)
      implements Operation, AutoCloseable {
    @Override
    public @Nullable Object run(OperationContext context) throws Exception {
      return operation.run(context);
    }

    @Override
    public void close() {
      codes.close();
    }
  }
}
