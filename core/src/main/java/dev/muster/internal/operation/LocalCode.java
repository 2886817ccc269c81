package dev.muster.internal.operation;

import com.google.common.collect.ImmutableMap;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import java.util.List;
import java.util.Map;

/**
 * What the tasks of one stage run in this JVM.
 *
 * <p>Immutable; as thread-safe as the operation and the hooks, which have to be.
 *
 * @param operation the operation
 * @param hooks the modifiers, in the author's order
 * @param variables the stage's environment variables, those of its {@code .env} file included
 */
public record LocalCode(
    Operation operation, List<ModifierHooks> hooks, Map<String, String> variables) {
  public LocalCode {
    hooks = List.copyOf(hooks);
    variables = ImmutableMap.copyOf(variables);
  }

  /** Says nothing of the variables' values: they may be secrets. */
  @Override
  public String toString() {
    return "LocalCode(" + operation.getClass().getName() + ", " + hooks.size()
        + (hooks.size() == 1 ? " modifier" : " modifiers") + ", variables " + variables.keySet()
        + ")";
  }
}
