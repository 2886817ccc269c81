package dev.muster.examples.plugin;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.OperationContext;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The modifier {@code expect.output}: fails a task whose operation returned nothing, or an empty collection. Add it to
 * a stage with {@code modifiers: [expect.output]}.
 *
 * <p>Immutable and thread-safe.
 */
public final class ExpectOutput implements ModifierProvider {
  @Override
  public Set<String> names() {
    return Set.of("expect.output");
  }

  @Override
  public ModifierHooks create(Modifier modifier, OperationSetup setup) {
    return new ModifierHooks() {
      @Override
      public @Nullable Object afterNode(OperationContext context, @Nullable Object output) {
        if (output == null
            || (output instanceof Collection<?> items && items.isEmpty())
            || (output instanceof Map<?, ?> map && map.isEmpty())) {
          throw new TaskException(
              FailureKind.OPERATION, context.stage().id() + " returned nothing", null);
        }
        return output;
      }
    };
  }
}
