package dev.muster.workflow;

import org.jspecify.annotations.Nullable;

/**
 * What a stage does to one partition: Java code that turns inputs and parameters into an output.
 *
 * <p>One instance serves all tasks of its stage, from several threads at once: it must be thread-safe. It may block.
 * When the task is cancelled or out of time its thread is interrupted; an operation that ignores interrupts delays the
 * end of its run.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Operation {
  /**
   * Carries out one task.
   *
   * @param context the task's inputs, parameters and place; valid until this call returns
   * @return the output: any object; a {@code Map} with String keys is a set of named outputs; null for none
   * @throws Exception if the task failed; it is tried again as its stage's retry says
   */
  @Nullable
  Object run(OperationContext context) throws Exception;
}
