package dev.muster.testkit;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmissionException;
import dev.muster.error.MusterException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A batch system under the control of a test: jobs wait until the test says what becomes of them. Nothing runs, and
 * there are no threads.
 *
 * <pre>{@code
 * FakeBatchSystem slurm = new FakeBatchSystem();
 * JobId job = slurm.submit(spec, 1).get(0);      // 1_0: pending
 * slurm.start(job, "node1");
 * slurm.runOutOfMemory(job);
 * }</pre>
 *
 * <p>The copies of the n-th submission are the jobs {@code n_0}, {@code n_1} and so on. Its clock starts at
 * 2026-01-01T00:00:00Z and goes on when the test {@linkplain #pass says so}; a job that has run for its
 * {@code walltime} then ends. Thread-safe.
 *
 * @since 0.1
 */
public final class FakeBatchSystem implements BatchSystem {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Map<JobId, Job> jobs = new LinkedHashMap<>();
  private final List<Submitted> submissions = new ArrayList<>();
  private final List<JobId> cancelled = new ArrayList<>();
  private Instant now = START;
  private int questions;
  private boolean closed;
  private @Nullable String unavailable;
  private @Nullable SubmissionException refusal;

  /** Creates a batch system without jobs. */
  public FakeBatchSystem() {}

  /**
   * A submission that was taken.
   *
   * @param spec the job
   * @param jobs the jobs, one for each copy
   * @param when the time of the fake clock
   */
  public record Submitted(JobSpec spec, List<JobId> jobs, Instant when) {
    /** Copies the list. */
    public Submitted {
      jobs = List.copyOf(jobs);
    }
  }

  private static final class Job {
    final JobSpec spec;
    JobStatus status = new JobStatus.Pending(null);

    @Nullable
    Instant started;

    Job(JobSpec spec) {
      this.spec = spec;
    }
  }

  @Override
  public synchronized List<JobId> submit(JobSpec spec, int copies) {
    if (copies < 1) {
      throw new IllegalArgumentException("job " + spec.name() + ": copies must be 1 or more");
    }
    if (closed) {
      throw new MusterException("job " + spec.name() + " was submitted after the end");
    }
    SubmissionException next = refusal;
    if (next != null) {
      refusal = null;
      throw new SubmissionException(
          spec.name(),
          "job " + spec.name() + " was refused: " + next.getMessage(),
          next.retryable());
    }
    Duration unused = walltime(spec);
    List<JobId> ids = new ArrayList<>();
    for (int index = 0; index < copies; index++) {
      JobId id = new JobId((submissions.size() + 1) + "_" + index);
      jobs.put(id, new Job(spec));
      ids.add(id);
    }
    submissions.add(new Submitted(spec, ids, now));
    return List.copyOf(ids);
  }

  @Override
  public synchronized StatusReport status(Set<JobId> asked) {
    questions++;
    if (unavailable != null) {
      return new StatusReport.Unavailable(unavailable);
    }
    Map<JobId, JobStatus> statuses = new HashMap<>();
    for (JobId id : asked) {
      Job job = jobs.get(id);
      statuses.put(id, job == null ? new JobStatus.Unknown("there is no job " + id) : job.status);
    }
    return new StatusReport.Answered(statuses);
  }

  @Override
  public synchronized void cancel(Set<JobId> asked) {
    for (JobId id : jobs.keySet()) {
      if (asked.contains(id)) {
        cancel(id);
      }
    }
  }

  private void cancel(JobId id) {
    Job job = job(id);
    if (!job.status.ended()) {
      cancelled.add(id);
      job.status = new JobStatus.Ended(End.CANCELLED, null, "cancelled");
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    jobs.keySet().forEach(this::cancel);
  }

  private Job job(JobId id) {
    Job job = jobs.get(id);
    if (job == null) {
      throw new IllegalStateException("there is no job " + id + "; there are " + jobs.keySet());
    }
    return job;
  }

  private Job open(JobId id) {
    Job job = job(id);
    if (job.status.ended()) {
      throw new IllegalStateException("job " + id + " is over: " + job.status);
    }
    return job;
  }

  private void end(JobId id, End end, @Nullable Integer code, @Nullable String reason) {
    open(id).status = new JobStatus.Ended(end, code, reason);
  }

  /** Lets a job wait, with the batch system's words for why, or null. It may have run before: then it was requeued. */
  public synchronized void pend(JobId id, @Nullable String reason) {
    open(id).status = new JobStatus.Pending(reason);
  }

  /** Starts a job on a host. */
  public synchronized void start(JobId id, String host) {
    Job job = open(id);
    job.started = now;
    job.status = new JobStatus.Running(host);
  }

  /** Starts all jobs that wait, each on a host named after it. */
  public synchronized void startAll() {
    jobs.forEach((id, job) -> {
      if (job.status instanceof JobStatus.Pending) {
        start(id, "node-" + id);
      }
    });
  }

  /** Holds a job. */
  public synchronized void hold(JobId id, String reason) {
    open(id).status = new JobStatus.Held(reason);
  }

  /** Says that a job can never start. */
  public synchronized void makeImpossible(JobId id, String reason) {
    open(id).status = new JobStatus.Impossible(reason);
  }

  /** Gives a job a state that Muster has no word for. */
  public synchronized void confuse(JobId id, String said) {
    open(id).status = new JobStatus.Unknown(said);
  }

  /** Ends a job with an exit code, 128 plus the number of a signal that killed it. */
  public synchronized void exit(JobId id, int code) {
    end(id, code == 0 ? End.SUCCEEDED : End.FAILED, code, null);
  }

  /** Ends a job because its place was taken back. */
  public synchronized void preempt(JobId id) {
    end(id, End.PREEMPTED, null, "preempted");
  }

  /** Ends a job because its walltime is over. */
  public synchronized void exceedWalltime(JobId id) {
    end(id, End.WALLTIME, null, "time limit");
  }

  /** Ends a job for lack of memory. */
  public synchronized void runOutOfMemory(JobId id) {
    end(id, End.OUT_OF_MEMORY, 137, "out of memory");
  }

  /** Ends a job with its machine. */
  public synchronized void loseNode(JobId id) {
    end(id, End.NODE_LOST, null, "node failed");
  }

  /** Ends a job of which the batch system does not know how it ended. */
  public synchronized void lose(JobId id) {
    end(id, End.LOST, null, "no accounting");
  }

  /** Has all questions fail from now on, until {@link #becomeAvailable}. */
  public synchronized void becomeUnavailable(String reason) {
    unavailable = reason;
  }

  /** Has questions answered again. */
  public synchronized void becomeAvailable() {
    unavailable = null;
  }

  /**
   * Refuses the next submission.
   *
   * @param retryable whether the exception says that it is worth trying again
   */
  public synchronized void refuseNext(String reason, boolean retryable) {
    refusal = new SubmissionException("", reason, retryable);
  }

  /** Lets time pass; jobs whose {@code walltime} is over end. */
  public synchronized void pass(Duration time) {
    now = now.plus(time);
    jobs.forEach((id, job) -> {
      Duration walltime = walltime(job.spec);
      if (walltime != null
          && job.started != null
          && job.status instanceof JobStatus.Running
          && !job.started.plus(walltime).isAfter(now)) {
        exceedWalltime(id);
      }
    });
  }

  private static @Nullable Duration walltime(JobSpec spec) {
    return JobOptions.of(spec).duration("walltime");
  }

  /** Returns the time of its clock. */
  public synchronized Instant now() {
    return now;
  }

  /** Returns the submissions that were taken, in order. */
  public synchronized List<Submitted> submissions() {
    return List.copyOf(submissions);
  }

  /** Returns the jobs that have not ended, in the order of submission. */
  public synchronized List<JobId> open() {
    return jobs.keySet().stream().filter(id -> !job(id).status.ended()).toList();
  }

  /** Returns the jobs that were cancelled before their end, in that order. */
  public synchronized List<JobId> cancelled() {
    return List.copyOf(cancelled);
  }

  /** Returns how often states were asked for. */
  public synchronized int questions() {
    return questions;
  }

  /** Tells whether it was closed. */
  public synchronized boolean isClosed() {
    return closed;
  }
}
