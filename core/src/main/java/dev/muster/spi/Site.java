package dev.muster.spi;

import dev.muster.error.Problem;
import dev.muster.execution.Pool;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Infrastructure} has for one plan.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface Site extends AutoCloseable {
  /** What an execution names. */
  enum Part {
    /** {@code execution.strategy}: how workers are started. */
    STRATEGY,
    /** {@code execution.environment}: the software that they have. */
    ENVIRONMENT,
    /** {@code execution.credentials}: what they may do elsewhere. */
    CREDENTIAL
  }

  /**
   * Refuses a name that it does not know.
   *
   * @throws dev.muster.error.WorkflowException if there is nothing of that name; says what there is
   * @throws dev.muster.error.MusterException if there are two, or one cannot be loaded
   */
  void require(Part part, String name);

  /**
   * Returns the names of the options that a strategy honours, or null if there is no strategy of that name.
   *
   * @throws dev.muster.error.MusterException if there are two, or one cannot be loaded
   */
  @Nullable
  Set<String> options(String strategy);

  /** Returns the names of the options of all strategies. */
  Set<String> knownOptions();

  /**
   * Returns what is wrong with the options of a pool's jobs.
   *
   * @param need the session that the pool belongs to; there is a strategy of its name
   * @throws dev.muster.error.MusterException if they cannot be described at all
   */
  List<Problem> problems(SiteNeed need, Pool pool);

  /**
   * Returns what workers need to have the credentials that the execution names. The first call of a run finds, checks
   * and copies them; where nothing is started, they are only described.
   *
   * @throws dev.muster.error.MusterException if one is missing, wrong, expired, or not valid for as long as is required
   */
  WorkerCredentials credentials();

  /** Returns what it has for one session; looks nothing up. */
  SessionSite session(SiteNeed need);

  /** Deletes the copies of credentials. Called after all sessions are closed. Idempotent. */
  @Override
  void close();
}
