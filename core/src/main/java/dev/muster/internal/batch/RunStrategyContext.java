package dev.muster.internal.batch;

import dev.muster.batch.BatchDialect;
import dev.muster.batch.BatchSystem;
import dev.muster.error.MusterException;
import dev.muster.spi.StrategyContext;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a strategy knows of a run. Thread-safe. */
public record RunStrategyContext(String runId, Path directory, Map<String, @Nullable Object> config)
    implements StrategyContext {
  @Override
  public BatchSystem system(BatchDialect dialect) {
    throw new MusterException("the engine for " + dialect.name() + " is on its way");
  }
}
