package dev.muster.worker.internal;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.Strategy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The batch systems that the workers of one run are jobs of: one for each strategy, so that it is asked once for all
 * jobs. Closing it ends them. Thread-safe.
 */
final class JobSystems implements AutoCloseable {
  private final String run;
  private final Map<String, BatchSystem> systems = new HashMap<>();

  /**
   * Makes one that has opened nothing.
   *
   * @param run the id of the run
   */
  JobSystems(String run) {
    this.run = run;
  }

  /** Returns where the logs of jobs are. */
  static Path logs(Path base) {
    return base.resolve("debug").resolve("distributed");
  }

  /**
   * Returns the jobs of a strategy.
   *
   * @param base the run directory
   * @param config the options with which it is opened if it is not
   * @throws dev.muster.error.MusterException if it cannot work
   */
  synchronized BatchSystem open(
      Strategy strategy, Path base, Map<String, ? extends @Nullable Object> config) {
    BatchSystem known = systems.get(strategy.name());
    if (known == null) {
      known = Jobs.open(strategy, run, logs(base), config);
      systems.put(strategy.name(), known);
    }
    return known;
  }

  @Override
  public synchronized void close() {
    systems.values().forEach(BatchSystem::close);
    systems.clear();
  }
}
