package dev.muster.spi;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a strategy knows of the run that it works for.
 *
 * <p>Immutable and thread-safe.
 *
 * @param runId the run's id
 * @param directory a folder for its scripts and logs; it exists
 * @param config the options of the execution; a job's own win over them
 * @since 0.1
 */
public record StrategyContext(String runId, Path directory, Map<String, @Nullable Object> config) {}
