package dev.muster.internal.process;

import dev.muster.batch.BatchSystem;
import dev.muster.spi.Strategy;
import dev.muster.spi.StrategyContext;

/** The built-in strategy {@code local}: jobs are child processes of this JVM. Thread-safe. */
public final class LocalStrategy implements Strategy {
  @Override
  public String name() {
    return "local";
  }

  @Override
  public BatchSystem open(StrategyContext context) {
    return new LocalProcesses(ProcessTree.DEFAULT_GRACE);
  }
}
