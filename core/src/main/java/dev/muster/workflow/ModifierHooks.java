package dev.muster.workflow;

import org.jspecify.annotations.Nullable;

/**
 * What a modifier does around a stage's operation; every method has a default that does nothing.
 *
 * <p>Modifiers enter in the author's order and leave in reverse. {@code beforeNode} of all runs first, then the
 * {@code aroundNode}s wrap the operation, then {@code afterNode} runs in reverse. If anything fails,
 * {@code onNodeError} runs in reverse for every modifier whose {@code beforeNode} had succeeded. One instance serves
 * all tasks of a stage from several threads: it must be thread-safe. Source: execution modifiers of FAST-HEP
 * ({@code before_node, around_node, after_node, on_node_error}).
 *
 * @since 0.1
 */
public interface ModifierHooks {
  /**
   * Called before the operation.
   *
   * @throws Exception to fail the task
   */
  default void beforeNode(OperationContext context) throws Exception {}

  /**
   * Called in place of the operation; calls it, or what the next modifier made of it, through {@code operation}. A task
   * whose operation was not called fails with kind {@code OPERATION}.
   *
   * @return the output, as a rule that of {@code operation.run(context)}
   * @throws Exception to fail the task
   */
  default @Nullable Object aroundNode(OperationContext context, Operation operation)
      throws Exception {
    return operation.run(context);
  }

  /**
   * Called after the operation succeeded.
   *
   * @param output what the operation returned
   * @return the output to pass on, as a rule {@code output}
   * @throws Exception to fail the task
   */
  default @Nullable Object afterNode(OperationContext context, @Nullable Object output)
      throws Exception {
    return output;
  }

  /**
   * Called after the operation or a modifier failed. It cannot rescue the task; what it throws is added to
   * {@code error} as suppressed.
   */
  default void onNodeError(OperationContext context, Throwable error) throws Exception {}
}
