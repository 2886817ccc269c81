package dev.muster.spi;

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

  /** Returns the run's directory, or a temporary one that is deleted at the end. Where nothing is started, it need not exist. */
  Path directory();

  /**
   * Returns the strategy that starts the workers.
   *
   * @throws dev.muster.error.WorkflowException if it is unknown
   */
  Strategy strategy();

  /**
   * Returns what a worker's job needs to have its software, as the execution's environment says. The first call of a run gets it ready, which may take long;
   * where nothing is started, it is only described.
   *
   * @throws dev.muster.error.MusterException if it cannot be had
   */
  PreparedEnvironment environment();

  /**
   * Returns what a worker's job needs to have the credentials that the execution names. The first call of a run finds, checks and copies them; where nothing is started,
   * they are only described. The copies are deleted at the end of the run.
   *
   * @throws dev.muster.error.MusterException if one is missing, wrong, expired, or not valid for as long as is required
   */
  WorkerCredentials credentials();
}
