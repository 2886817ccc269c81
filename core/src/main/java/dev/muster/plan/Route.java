package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.execution.Pool;
import org.jspecify.annotations.Nullable;

/**
 * Where the tasks of a stage go, and why.
 *
 * <p>Stages that go the same way for the same reason share one instance. Immutable and thread-safe.
 *
 * @param backend the backend that runs the tasks
 * @param strategy the strategy that starts its workers
 * @param executor the named executor that chose them, or null
 * @param pools the pools that may run the tasks, in the author's order; at least one
 * @param label the label that the tasks carry: all of {@code pools} provide it, and no other pool of the backend does
 * @param annotations what the tasks ask of a worker
 * @param reason why, one sentence without a full stop, for example {@code requires gpu}
 * @since 0.1
 */
public record Route(
    String backend,
    String strategy,
    @Nullable String executor,
    ImmutableList<Pool> pools,
    String label,
    Annotations annotations,
    String reason) {
  public Route {
    if (pools.isEmpty()) {
      throw new IllegalArgumentException("a route needs a pool");
    }
  }
}
