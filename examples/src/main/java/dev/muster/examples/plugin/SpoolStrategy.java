package dev.muster.examples.plugin;

import dev.muster.batch.spi.DialectStrategy;

/** Starts processes as jobs of a spool queue. Choose it with {@code strategy: spool}. Immutable and thread-safe. */
public final class SpoolStrategy extends DialectStrategy {
  /** Creates the strategy. */
  public SpoolStrategy() {
    super(new SpoolDialect());
  }
}
