package dev.muster.spi;

import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.plan.Plan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a backend knows of the workers that it needs.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface WorkerContext {
  /** Returns the run's id. */
  String runId();

  /** Returns the plan. */
  Plan plan();

  /** Returns the pools whose tasks come to this backend, in the author's order. */
  List<Pool> pools();

  /** Returns the options of the execution; a pool's own win over them. */
  Map<String, @Nullable Object> config();

  /**
   * Returns the run's directory, or a temporary one that is deleted at the end. Where nothing is started, it need not
   * exist.
   */
  Path directory();

  /**
   * Returns what another module offers to backends: {@code dev.muster.batch.spi.JobContext}, with which a backend
   * starts workers as jobs. Default: this context, if it is of the type.
   *
   * @throws MusterException if nothing installed offers it; says what to install
   */
  default <T> T service(Class<T> type) {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new MusterException("nothing that is installed offers a " + type.getName()
        + " to backends; add the artifact that has it, dev.muster:muster-batch for jobs");
  }

  /**
   * Returns what a worker's job needs to have the credentials that the execution names. The first call of a run finds,
   * checks and copies them; where nothing is started, they are only described. The copies are deleted at the end of the
   * run.
   *
   * @throws dev.muster.error.MusterException if one is missing, wrong, expired, or not valid for as long as is required
   */
  WorkerCredentials credentials();
}
