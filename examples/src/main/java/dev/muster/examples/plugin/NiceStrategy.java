package dev.muster.examples.plugin;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.StrategyContext;

/**
 * Starts processes on this host under {@code nice}, so that they leave the machine to others. Choose it with
 * {@code strategy: nice}.
 *
 * <p>Option: {@code nice}, from 0 (as polite as anybody) to 19 (last in line), by default 10; a pool's own wins.
 * Immutable and thread-safe.
 */
public final class NiceStrategy implements Strategy {
  @Override
  public String name() {
    return "nice";
  }

  @Override
  public BatchSystem open(StrategyContext context) {
    return new NiceProcesses(context.config());
  }
}
