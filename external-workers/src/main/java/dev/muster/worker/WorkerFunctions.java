package dev.muster.worker;

import dev.muster.spi.WorkerPlugin;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A worker whose functions are Java, for the executor {@code memory}: they run in this JVM.
 *
 * <p>Found with {@link java.util.ServiceLoader}, then it needs a public constructor without parameters, or given as an
 * instance. Thread-safe.
 *
 * @since 0.1
 */
public interface WorkerFunctions extends WorkerPlugin {
  /** Returns the worker's name. */
  String worker();

  /** Returns its functions by name; always the same ones. */
  Map<String, Function> functions();

  /** A function of a worker. Thread-safe. */
  @FunctionalInterface
  interface Function {
    /**
     * Carries out a call. Its thread is interrupted when the task is cancelled or out of time.
     *
     * @param inputs the values by port, as {@link WorkerValues#read} returns them
     * @return the outputs by port, as {@link WorkerValues#bytes} takes them; those that nobody asked for are dropped
     * @throws Exception if it failed
     */
    Map<String, ? extends @Nullable Object> run(Map<String, @Nullable Object> inputs)
        throws Exception;
  }

  /** Returns a worker. */
  static WorkerFunctions of(String worker, Map<String, Function> functions) {
    Map<String, Function> copy = Map.copyOf(functions);
    return new WorkerFunctions() {
      @Override
      public String worker() {
        return worker;
      }

      @Override
      public Map<String, Function> functions() {
        return copy;
      }
    };
  }
}
