package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.StrategyContext;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What a strategy knows of a run. Thread-safe.
 *
 * @param runId the run's id
 * @param directory a folder for scripts and logs; it exists
 * @param config the options of the execution
 * @param environment the environment of the commands of batch systems
 */
public record RunStrategyContext(
    String runId,
    Path directory,
    Map<String, @Nullable Object> config,
    Map<String, String> environment)
    implements StrategyContext {
  /** Makes a context whose commands have the environment of this process. */
  public RunStrategyContext(String runId, Path directory, Map<String, @Nullable Object> config) {
    this(runId, directory, config, System.getenv());
  }

  @Override
  public BatchSystem system(BatchDialect dialect) {
    Settings settings = new Settings(
        runId,
        directory,
        config,
        environment,
        new ProcessCommands(environment),
        Time.system(),
        new Random());
    return new CommandBatchSystem(dialect, settings, Watchdog.Patience.DEFAULT);
  }
}
