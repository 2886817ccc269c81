package dev.muster.batch.spi;

import dev.muster.spi.Plugin;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes somewhere: on this host, or as jobs of a batch system. It knows neither tasks nor Dask, so every
 * strategy serves every backend that needs processes.
 *
 * <p>Providers have a public constructor without parameters and are thread-safe.
 *
 * @since 0.1
 */
public interface Strategy extends Plugin {
  /**
   * Returns the name by which executions choose it, for example {@code slurm}: lower-case letters, digits, {@code -}
   * and {@code .}.
   */
  String name();

  /**
   * Gets ready for a run. Called at most once per run, by the thread of a backend.
   *
   * @throws dev.muster.error.MusterException if it cannot work; it has released everything before
   */
  BatchSystem open(StrategyContext context);

  /**
   * Returns the names of the options of an execution or a pool that it honours. An option that neither the backend nor
   * the strategy honours is an error.
   */
  default Set<String> options() {
    return Set.of();
  }

  /**
   * Tells whether its jobs can outlive this JVM: then {@link #open} returns a {@link LastingBatchSystem}. Default:
   * false.
   */
  default boolean lasting() {
    return false;
  }

  /**
   * Describes how it would start jobs, and starts nothing.
   *
   * @param copies how many, 1 or more
   * @param tag the name of the submission
   * @param directory the folder for its scripts
   * @throws dev.muster.error.MusterException if an option or a quantity cannot be honoured
   */
  default Submission preview(JobSpec spec, int copies, String tag, Path directory) {
    return new Submission(spec.command(), Map.of(), null);
  }

  /**
   * Returns a command that says which version of its tools is there and that they answer, or null, the default, if it
   * needs none.
   */
  default @Nullable List<String> versionCommand() {
    return null;
  }
}
