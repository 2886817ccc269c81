package dev.muster.internal.operation;

import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An operation that is another one in some pools, whose options say so. Thread-safe if all are.
 *
 * @param others those of these pools
 * @param rest that of all others
 */
record ByPool(Map<String, Operation> others, Operation rest) implements Operation {
  ByPool {
    others = Map.copyOf(others);
  }

  @Override
  public @Nullable Object run(OperationContext context) throws Exception {
    return Objects.requireNonNullElse(others.get(context.pool()), rest).run(context);
  }
}
