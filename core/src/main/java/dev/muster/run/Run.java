package dev.muster.run;

import dev.muster.plan.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A plan being carried out.
 *
 * <p>A run that is not over when the JVM is asked to end ({@link System#exit}, Ctrl-C, SIGTERM) is cancelled, and the
 * JVM waits up to half a minute until its processes and threads are gone. The threads of a run are daemons: they do not
 * keep a JVM alive.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface Run extends AutoCloseable {
  /** Returns the run's id, unique among runs of this machine. */
  String id();

  /** Returns the plan. */
  Plan plan();

  /** Returns the run's directory, or null for a run that keeps nothing on disk. */
  @Nullable
  Path directory();

  /**
   * Waits for the end.
   *
   * @throws RunInterruptedException if the waiting thread is interrupted; the run goes on, and the thread's flag is set
   *     again
   */
  RunResult await();

  /**
   * Waits for the end, but no longer than {@code limit}.
   *
   * @return the result, or null if the run is not over
   * @throws RunInterruptedException if the waiting thread is interrupted; the run goes on, and the thread's flag is set
   *     again
   */
  @Nullable
  RunResult await(Duration limit);

  /**
   * Returns the result as a stage that completes at the end, also of a run that failed: exceptionally only by a defect
   * of the engine.
   */
  CompletionStage<RunResult> result();

  /** Returns how far the run is. */
  RunProgress progress();

  /** Adds a listener; it receives what happens from now on. */
  void onEvent(RunListener listener);

  /**
   * Asks the run to end: tasks that run are cancelled, no others start. Returns at once; does nothing once the run is
   * over.
   */
  void cancel();

  /**
   * Does the same and says why: tasks that are cancelled or skipped tell it, and so do {@link RunResult#reason()} and
   * the run's last event. The first reason counts.
   *
   * @throws IllegalArgumentException if the reason is empty
   */
  void cancel(String reason);

  /**
   * Asks the run to end in order: no further task starts and none is tried again, those that run go on to their end.
   * Returns at once; does nothing once the run is over. If anything was left out, the run ends as
   * {@link RunStatus#CANCELLED}.
   *
   * @param patience how long tasks that run may go on; then they are cancelled as by {@link #cancel()}
   */
  void drain(Duration patience);

  /**
   * Cancels the run if it is not over, waits until nothing of it is left, and deletes its temporary files. Idempotent.
   */
  @Override
  void close();
}
