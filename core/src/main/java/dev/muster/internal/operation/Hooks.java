package dev.muster.internal.operation;

import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs an operation inside its modifiers. Thread-safe. */
public final class Hooks {
  private Hooks() {}

  /**
   * Runs a task on the calling thread; allocates nothing where the stage has no modifiers.
   *
   * @return the output, as the modifiers left it
   * @throws Exception what the operation or a modifier threw
   */
  public static @Nullable Object run(StageCode code, OperationContext context) throws Exception {
    List<ModifierHooks> hooks = code.hooks();
    if (hooks.isEmpty()) {
      return code.operation().run(context);
    }
    int entered = 0;
    try {
      while (entered < hooks.size()) {
        hooks.get(entered).beforeNode(context);
        entered++;
      }
      Object output = around(hooks, 0, code.operation(), context);
      for (int i = hooks.size() - 1; i >= 0; i--) {
        output = hooks.get(i).afterNode(context, output);
      }
      return output;
    } catch (Throwable error) {
      tell(hooks, entered, context, error);
      throw error;
    }
  }

  private static @Nullable Object around(
      List<ModifierHooks> hooks, int index, Operation operation, OperationContext context)
      throws Exception {
    if (index == hooks.size()) {
      return operation.run(context);
    }
    return hooks
        .get(index)
        .aroundNode(context, inner -> around(hooks, index + 1, operation, inner));
  }

  private static void tell(
      List<ModifierHooks> hooks, int entered, OperationContext context, Throwable error) {
    for (int i = entered - 1; i >= 0; i--) {
      try {
        hooks.get(i).onNodeError(context, error);
      } catch (Throwable further) {
        if (further instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        if (further != error) {
          error.addSuppressed(further);
        }
      }
    }
  }
}
