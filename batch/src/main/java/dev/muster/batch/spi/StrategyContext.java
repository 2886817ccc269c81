package dev.muster.batch.spi;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a strategy knows of the run that it works for.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface StrategyContext {
  /** Returns the run's id. */
  String runId();

  /** Returns a folder for its scripts and logs; it exists. */
  Path directory();

  /** Returns the options of the execution; a job's own win over them. */
  Map<String, @Nullable Object> config();

  /**
   * Returns a batch system that is driven by its commands, in the words of a dialect. The strategy, and who it gave it
   * to, closes it.
   */
  BatchSystem system(BatchDialect dialect);
}
