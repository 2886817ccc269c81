package dev.muster.batch.internal.site;

import dev.muster.batch.spi.JobBackend;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.WorkerJob;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.spi.PlannedSession;
import dev.muster.spi.WorkerContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Says which jobs a plan would submit, and submits none. Thread-safe. */
public final class WorkerPlans {
  private WorkerPlans() {}

  /**
   * Jobs and what would be run and written to submit them.
   *
   * @param workers whether they are workers
   */
  public record Described(String strategy, boolean workers, WorkerJob job, Submission submission) {}

  /**
   * Returns the jobs that are submitted when a plan starts, in the order of the pools.
   *
   * @throws dev.muster.error.MusterException if an option or a quantity cannot be honoured
   */
  public static List<Described> jobs(List<PlannedSession> sessions) {
    List<Described> jobs = new ArrayList<>();
    for (PlannedSession session : sessions) {
      if (session.backend() instanceof JobBackend backend) {
        for (WorkerJob job : backend.workers(session.context())) {
          jobs.add(described(session.context(), backend.startsWorkers(), job, jobs.size() + 1));
        }
      }
    }
    return jobs;
  }

  private static Described described(
      WorkerContext context, boolean workers, WorkerJob job, int number) {
    Strategy strategy = JobContext.of(context).strategy();
    Path folder = context.directory().resolve("debug").resolve("distributed").resolve("jobs");
    String tag = RunLayout.fileName(job.pool().name()) + "." + RunLayout.fileName(context.runId())
        + "-" + number;
    return new Described(
        strategy.name(),
        workers,
        job,
        strategy.preview(job.job(), Math.max(1, job.copies()), tag, folder));
  }
}
