package dev.muster.batch.backend;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import dev.muster.resource.Walltime;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.TaskSink;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks for the states of jobs, on a thread of its own, and tells what becomes of their tasks. */
final class Watching implements Runnable {
  /**
   * What a job has told may come late over a network file system: it is waited for, if the job seems to have told
   * all.
   */
  private static final Duration LATE = Duration.ofSeconds(10);

  private final TaskSink sink;
  private final Work work;
  private final BatchSystem system;
  private final TaskReports reports;
  private final @Nullable Parcels parcels;
  private final List<JobRecord> records;
  private final Duration pause;
  private final boolean here;
  private final Set<String> told = new HashSet<>();
  private boolean away;

  /**
   * @param parcels takes what comes back of jobs that see nothing of this host; else null
   * @param pause how long it waits between two questions
   * @param here whether jobs run on this machine, so that what they wrote is seen at once
   */
  Watching(
      TaskSink sink,
      Work work,
      BatchSystem system,
      TaskReports reports,
      @Nullable Parcels parcels,
      List<JobRecord> records,
      Duration pause,
      boolean here) {
    this.sink = sink;
    this.work = work;
    this.system = system;
    this.reports = reports;
    this.parcels = parcels;
    this.records = List.copyOf(records);
    this.pause = pause;
    this.here = here;
  }

  @Override
  public void run() {
    try {
      Work.View view = work.view(pause);
      while (view != null) {
        if (records.stream().anyMatch(JobRecord::endWanted)) {
          sink.broken(new MusterException("the run was ended by 'muster cancel'"));
          return;
        }
        look(view);
        view = work.view(pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the session closes
    } catch (RuntimeException | Error e) { // else tasks would wait for ever
      sink.broken(e);
    }
  }

  /** Ends what is to be ended, asks, and tells. */
  private void look(Work.View view) {
    view.claims().forEach(claim -> claimed(claim, view.jobs()));
    if (view.outdated() > 0) {
      sink.notice("jobs of an earlier process of this run that are ended, as what they make has"
          + " changed or is not certain: " + view.outdated()
          + "; their tasks go into other jobs");
    }
    if (!view.unwanted().isEmpty()) {
      system.cancel(view.unwanted());
    }
    if (view.jobs().isEmpty()) {
      return;
    }
    StatusReport report = system.status(view.jobs().keySet());
    if (report instanceof StatusReport.Unavailable unavailable) {
      if (!away) {
        sink.notice("the jobs cannot be asked for, and are waited for: " + unavailable.reason());
      }
      away = true;
    } else if (report instanceof StatusReport.Answered answered) {
      if (away) {
        sink.notice("the jobs can be asked for again");
      }
      away = false;
      look(view.jobs(), answered.statuses());
    }
  }

  /** Tells what an earlier process's job has told of a task that is ready now. */
  private void claimed(Earlier.Place claim, Map<JobId, Job> open) {
    Job job = claim.job();
    reports.readAgain(job);
    if (!job.done.get(claim.place()) && open.get(job.id) != job) {
      work.again(job, claim.place());
    }
  }

  private void look(Map<JobId, Job> jobs, Map<JobId, JobStatus> statuses) {
    jobs.forEach((id, job) -> {
      JobStatus status = statuses.get(id);
      if (status != null) {
        look(job, status);
      }
    });
  }

  private void look(Job job, JobStatus status) {
    if (status instanceof JobStatus.Ended ended) {
      ended(job, ended);
    } else if (status instanceof JobStatus.Running || status instanceof JobStatus.Ending) {
      job.since = null;
      reports.runs(job);
    } else if (status instanceof JobStatus.Held held) {
      held(job, held.reason());
    } else if (status instanceof JobStatus.Impossible impossible) {
      giveUp(job, "can never start: " + impossible.reason());
    } else if (status instanceof JobStatus.Pending pending) {
      job.since = null;
      if (pending.reason() != null) {
        tell(job, "waits: " + pending.reason());
      }
    }
  }

  private void held(Job job, String reason) {
    Duration patience = job.array.pool().options.heldTimeout();
    long now = System.nanoTime();
    Long since = job.since;
    if (since == null) {
      job.since = now;
      tell(job, "is held: " + reason);
    } else if (now - since > patience.toNanos()) {
      giveUp(
          job,
          "was held for " + Walltime.format(patience) + " (held_timeout), and was ended: "
              + reason);
    }
  }

  private void giveUp(Job job, String why) {
    if (job.hopeless == null) {
      tell(job, why);
      job.hopeless = TaskFailure.of(FailureKind.BACKEND, job + " " + why);
      work.giveUp(job);
    }
  }

  /** Tells it once, however many jobs it is true of. */
  private void tell(Job job, String what) {
    if (told.add(job.pool() + '\0' + what)) {
      sink.notice("pool " + job.pool() + ": job " + job.id + " " + what);
    }
  }

  private void ended(Job job, JobStatus.Ended ended) {
    if (parcels != null && !job.home) {
      take(job, parcels);
    }
    reports.read(job);
    if (job.mayTell() && late(job, ended)) {
      return;
    }
    boolean again = job.left() > 0 && reports.ended(job, ended);
    @Nullable String reason = again || job.hopeless != null ? ended.describe() : null;
    if (job.running) {
      sink.workerEnded(job.pool(), job.worker(), reason);
    }
    if (work.over(job) && job.array.pool().options.lasting()) {
      job.array.record.over(job.array.number);
    }
  }

  /** Takes what has come back of a job. If that is not possible, its tasks fail: nobody knows what became of them. */
  private static void take(Job job, Parcels parcels) {
    try {
      job.home = parcels.take(job);
    } catch (MusterException e) {
      job.home = true;
      job.hopeless = TaskFailure.of(FailureKind.BACKEND, String.valueOf(e.getMessage()));
    }
  }

  /** Tells whether there may be more to be read than can be seen so far. */
  private boolean late(Job job, JobStatus.Ended ended) {
    Integer code = ended.exitCode();
    boolean wellOrNot = ended.end() == JobStatus.End.SUCCEEDED
        || (ended.end() == JobStatus.End.FAILED && Integer.valueOf(1).equals(code));
    if (here || !wellOrNot || job.home) {
      return false;
    }
    long now = System.nanoTime();
    if (job.since == null) {
      job.since = now;
    }
    return now - job.since < LATE.toNanos();
  }
}
