package dev.muster.spi;

import dev.muster.error.Problem;
import dev.muster.plan.Plan;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * What an {@link Infrastructure} knows of the plan that it works for.
 *
 * <p>Thread-safe, but for {@link #check}.
 *
 * @since 0.1
 */
public interface SiteContext {
  /** What is done with a plan. */
  enum Purpose {
    /** Its options are checked: nothing is read that need not be, nothing written or started. */
    CHECK,
    /** What would be started is described: nothing is written or started. */
    DESCRIBE,
    /** Workers are started: for a run, or to try out a site. */
    START
  }

  /** Returns what is done with the plan. */
  Purpose purpose();

  /** Returns the plan. */
  Plan plan();

  /** Returns the sessions of the plan, in the stages' order. */
  List<SiteNeed> needs();

  /** Returns what the application gave as instances, in its order. */
  List<Plugin> plugins();

  /** Returns the run's id. */
  String runId();

  /** Returns the run's directory; unless workers are started, it need not exist. */
  Path directory();

  /** Tells the user something, for example that a step takes a while. */
  void notice(String message);

  /**
   * Tells the user of something that works now and may not later.
   *
   * @param about what it concerns, for example {@code credentials}
   */
  void doubt(String about, String message);

  /**
   * Takes what a check finds. What the check throws is a problem too. Called while a plan is checked, on the thread
   * that checks it.
   *
   * @param path the path of a problem that has none of its own, for example {@code execution.environment}
   */
  void check(String path, Supplier<List<Problem>> check);
}
