package dev.muster.batch.backend;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.internal.thread.RunThreads;
import dev.muster.plan.Route;
import dev.muster.spi.BackendSession;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tasks of a run as jobs. Thread-safe. */
final class BatchSession implements BackendSession {
  private static final Logger log = LoggerFactory.getLogger(BatchSession.class);

  /** How long the end of the last jobs is waited for. */
  private static final Duration END = Duration.ofSeconds(30);

  private final Work work;
  private final BatchSystem system;
  private final List<JobRecord> records;
  private final Duration pause;
  private final Thread submits;
  private final Thread watches;

  /**
   * Makes a session and starts its threads.
   *
   * @param pause how long it waits between two questions
   */
  BatchSession(
      String run,
      Work work,
      BatchSystem system,
      List<JobRecord> records,
      Duration pause,
      Submitting submitting,
      Watching watching) {
    this.work = work;
    this.system = system;
    this.records = List.copyOf(records);
    this.pause = pause;
    this.submits = RunThreads.daemon("submit", run, submitting);
    this.watches = RunThreads.daemon("watch", run, watching);
    submits.start();
    watches.start();
  }

  @Override
  public void submit(Route route, int attempt, int[] tasks, int count) {
    work.add(route, attempt, tasks, count);
  }

  @Override
  public void cancel(int task, int attempt) {
    work.cancel(task, attempt);
  }

  @Override
  public void close() {
    if (!work.close()) {
      return;
    }
    boolean interrupted = false;
    for (Thread thread : List.of(submits, watches)) {
      if (thread != Thread.currentThread()) {
        thread.interrupt(); // it may wait for the batch system
        interrupted |= !joined(thread);
      }
    }
    interrupted |= !endJobs();
    boolean over = work.openJobs().isEmpty();
    for (JobRecord record : records) {
      try {
        if (over) {
          record.ended();
        }
        record.close();
      } catch (IOException e) {
        log.warn("the record of jobs cannot be closed", e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the end of a thread; returns false if this one was interrupted meanwhile. */
  private static boolean joined(Thread thread) {
    boolean well = true;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        well = false;
      }
    }
    return well;
  }

  /**
   * Ends all jobs and waits until they are gone, within a limit; returns false if this thread was interrupted
   * meanwhile.
   */
  private boolean endJobs() {
    boolean well = !Thread.interrupted();
    Set<JobId> left = new HashSet<>(work.openJobs());
    if (left.isEmpty()) {
      return well;
    }
    system.cancel(left);
    long end = System.nanoTime() + END.toNanos();
    while (!left.isEmpty() && System.nanoTime() < end) {
      if (system.status(left) instanceof StatusReport.Answered answered) {
        answered.statuses().forEach((id, status) -> {
          if (status instanceof JobStatus.Ended) {
            left.remove(id);
            work.gone(id);
          }
        });
      }
      try {
        Thread.sleep(left.isEmpty() ? 0 : pause.toMillis());
      } catch (InterruptedException e) {
        well = false;
      }
    }
    if (!left.isEmpty()) {
      log.warn(
          "{} jobs had not ended {} s after they were cancelled", left.size(), END.toSeconds());
    }
    return well;
  }
}
