package dev.muster.internal.operation;

import com.sun.management.ThreadMXBean;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * The built-in modifier {@code profile}: what the operation, with the modifiers inside this one, takes. Thread-safe.
 *
 * <p>{@code wall_seconds}; {@code cpu_seconds}, of this thread and of the processes that served the task;
 * {@code allocated_bytes}, on the Java heap by this thread; {@code peak_memory_bytes}, the largest resident memory of
 * any one process that served the task: absent for commands, where no exact value can be had, and for Java code, whose
 * share of the JVM's memory cannot be told.
 */
final class ProfileHooks implements ModifierHooks {
  private static final @Nullable ThreadMXBean THREADS =
      ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads ? threads : null;

  @Override
  public @Nullable Object aroundNode(OperationContext context, Operation operation)
      throws Exception {
    return Usage.measure(usage -> {
      long start = System.nanoTime();
      long cpu = THREADS == null ? 0 : THREADS.getCurrentThreadCpuTime();
      long allocated = THREADS == null ? 0 : THREADS.getCurrentThreadAllocatedBytes();
      try {
        return operation.run(context);
      } finally {
        double cpuSeconds = usage.cpuSeconds() == null ? 0 : usage.cpuSeconds();
        if (THREADS != null) {
          cpuSeconds += (THREADS.getCurrentThreadCpuTime() - cpu) / 1e9;
          context.diagnostic(
              "allocated_bytes", THREADS.getCurrentThreadAllocatedBytes() - allocated);
        }
        context.diagnostic("wall_seconds", (System.nanoTime() - start) / 1e9);
        context.diagnostic("cpu_seconds", cpuSeconds);
        if (usage.peakBytes() != null) {
          context.diagnostic("peak_memory_bytes", usage.peakBytes());
        }
      }
    });
  }
}
