package dev.muster.spi;

import dev.muster.run.TaskFailure;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a backend reports to.
 *
 * <p>Reports on an attempt that is over are ignored. A report may hand further tasks to a session before it returns.
 * Thread-safe.
 *
 * @since 0.1
 */
public interface TaskSink {
  /**
   * Says that a worker begins with a task.
   *
   * @return false if the attempt is over (cancelled): the worker leaves it alone and reports nothing more on it
   */
  boolean started(int task, int attempt, String pool, String worker);

  /** Says that a task is done, with its output. */
  void succeeded(int task, int attempt, @Nullable Object output);

  /** Says that an attempt failed. */
  void failed(int task, int attempt, TaskFailure failure);

  /** Says that an attempt failed with an exception; the engine finds out the kind of failure. */
  void failed(int task, int attempt, Throwable error);

  /**
   * Says when an attempt began and how long it took, where that is not when this JVM hears of it. Comes after
   * {@link #started} and before the end of the attempt is reported.
   */
  default void measured(int task, int attempt, Instant began, Duration took) {}

  /**
   * Says which files the code came from that a task has run. Comes before its success is reported, if the run
   * {@linkplain BackendContext#keepsRecords keeps records}; a task of Python code of which it is not said runs again in
   * a later run.
   */
  default void code(int task, CodeFiles files) {}

  /**
   * Says that a task has made its folder for output files. Comes before its success is reported, if the run {@linkplain
   * BackendContext#keepsRecords keeps records}: the files belong to its result then.
   */
  default void wroteFiles(int task) {}

  /** Passes on a line that an operation wrote to the run's log. */
  default void log(int task, String message) {}

  /** Notes a diagnostic of a task. */
  void diagnostic(int task, String name, @Nullable Object value);

  /** Says that a worker is there. */
  void workerStarted(String pool, String worker);

  /** Says that a worker is gone, and why where that is of interest. */
  void workerEnded(String pool, String worker, @Nullable String reason);

  /** Tells the user something that belongs to no task. */
  void notice(String message);

  /** Says that the backend as a whole can no longer work; the run fails with {@code error}. */
  void broken(Throwable error);
}
