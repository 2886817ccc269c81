package dev.muster.internal.operation;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
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
  public static @Nullable Object run(LocalCode code, OperationContext context) throws Exception {
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
    Inside inside = new Inside(hooks, index + 1, operation);
    Object output = hooks.get(index).aroundNode(context, inside);
    if (!inside.called) {
      throw new TaskException(
          FailureKind.OPERATION,
          "aroundNode of the modifier " + hooks.get(index).getClass().getName()
              + " did not call operation.run(context), so the operation did not run",
          null);
    }
    return output;
  }

  /** What is inside a modifier: the next one, or the operation. */
  private static final class Inside implements Operation {
    private final List<ModifierHooks> hooks;
    private final int index;
    private final Operation operation;
    private volatile boolean called;

    Inside(List<ModifierHooks> hooks, int index, Operation operation) {
      this.hooks = hooks;
      this.index = index;
      this.operation = operation;
    }

    @Override
    public @Nullable Object run(OperationContext context) throws Exception {
      called = true;
      return around(hooks, index, operation, context);
    }
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
