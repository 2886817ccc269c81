package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.execution.Staging;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the jobs of a system. An end is final; before it, states may go to and fro, as those of jobs that
 * are requeued do. Nothing here takes time. Thread-safe.
 */
final class JobTable {
  private static final int MOST_MISSING = 2;
  private static final int MOST_CANCELS = 5;
  private static final int SOON = 2;
  private static final JobStatus SUBMITTED = new JobStatus.Pending(null);

  private final Map<JobId, Job> jobs = new HashMap<>();
  // What has not ended, in the order of submission.
  private final Map<JobId, Job> open = new LinkedHashMap<>();
  private final Set<Batch> batches = new LinkedHashSet<>();
  private final Set<String> over = new LinkedHashSet<>();

  private static final class Job {
    final Batch batch;
    final int index;
    JobStatus status = SUBMITTED;
    int missing;
    long missingSince;
    int pending;
    int cancels;
    boolean cancelFailed;

    /** Whether it was seen to wait. */
    boolean waited;

    /** Why its files could not be sent, or null. */
    @Nullable
    String unsendable;

    Job(Batch batch, int index) {
      this.batch = batch;
      this.index = index;
    }

    boolean silent() {
      return status instanceof JobStatus.Pending waits && waits.reason() == null;
    }

    JobStatus shown() {
      JobStatus explanation = silent() ? batch.explanation : batch.explanations.get(status);
      return explanation != null ? explanation : status;
    }
  }

  /**
   * A job's place in its submission.
   *
   * @param tag the name of the submission
   * @param index its number in it, from 0
   */
  record Place(String tag, int index) {}

  /** Adds the jobs of a submission, in order. */
  synchronized void add(Batch batch, List<JobId> ids) {
    batch.open = ids.size();
    batches.add(batch);
    int index = 0;
    for (JobId id : ids) {
      Job job = new Job(batch, index++);
      jobs.put(id, job);
      open.put(id, job);
    }
  }

  /** Tells whether one of these jobs has not ended. */
  synchronized boolean anyOpen(Collection<JobId> ids) {
    return ids.stream().anyMatch(open::containsKey);
  }

  /** Returns the states of jobs; of those that were never submitted, that they are unknown. */
  synchronized Map<JobId, JobStatus> statuses(Set<JobId> ids) {
    Map<JobId, JobStatus> statuses = new HashMap<>(ids.size() * 2);
    for (JobId id : ids) {
      Job job = jobs.get(id);
      statuses.put(
          id,
          job == null
              ? new JobStatus.Unknown("no job " + id + " was submitted here")
              : job.shown());
    }
    return statuses;
  }

  /** Returns the jobs that have not ended, less those in {@code known}, by submission. */
  synchronized List<JobArray> openArrays(Set<JobId> known) {
    Map<Batch, List<JobId>> arrays = new LinkedHashMap<>();
    open.forEach((id, job) -> {
      if (!known.contains(id)) {
        arrays.computeIfAbsent(job.batch, batch -> new ArrayList<>()).add(id);
      }
    });
    List<JobArray> list = new ArrayList<>(arrays.size());
    arrays.forEach((batch, ids) -> list.add(new JobArray(batch.tag, batch.spec.logs(), ids)));
    return list;
  }

  /** Returns the submissions of this process of which a job has not ended. */
  synchronized List<Batch> ownOpenBatches() {
    return batches.stream().filter(batch -> !batch.foreign).toList();
  }

  /** Returns which of these jobs have not ended. */
  synchronized Set<JobId> openOf(Collection<JobId> ids) {
    Set<JobId> found = new LinkedHashSet<>();
    for (JobId id : ids) {
      if (open.containsKey(id)) {
        found.add(id);
      }
    }
    return found;
  }

  /** Returns all jobs that have not ended and that this process submitted. */
  synchronized Set<JobId> ownOpen() {
    Set<JobId> found = new LinkedHashSet<>();
    open.forEach((id, job) -> {
      if (!job.batch.foreign) {
        found.add(id);
      }
    });
    return found;
  }

  /** Returns where these jobs stand in their submissions, less those that have ended. */
  synchronized Map<JobId, Place> places(Collection<JobId> ids) {
    Map<JobId, Place> places = new LinkedHashMap<>();
    for (JobId id : ids) {
      Job job = open.get(id);
      if (job != null) {
        places.put(id, new Place(job.batch.tag, job.index));
      }
    }
    return places;
  }

  /** Returns the job that an open job is a copy of, or null if it is not open. */
  synchronized @Nullable JobSpec spec(JobId id) {
    Job job = open.get(id);
    return job == null ? null : job.batch.spec;
  }

  /**
   * Takes over states that sources told.
   *
   * @param codes exit codes that jobs left behind
   * @return the submissions whose last job has ended
   */
  synchronized List<Batch> told(Map<JobId, JobStatus> statuses, Map<JobId, Integer> codes) {
    List<Batch> over = new ArrayList<>();
    statuses.forEach((id, status) -> {
      Job job = open.get(id);
      if (job == null) {
        return;
      }
      job.missing = 0;
      if (status instanceof JobStatus.Ended ended) {
        end(id, job, completed(job, ended, codes.get(id)), over);
        return;
      }
      job.status = status;
      if (status instanceof JobStatus.Pending) {
        job.waited = true;
        job.pending++;
      } else {
        job.pending = 0;
        job.batch.explanation = null;
      }
    });
    return over;
  }

  /**
   * Says that all sources answered about these jobs, and none knew them.
   *
   * @param codes exit codes that jobs left behind
   * @param now the time in nanoseconds
   * @param late how long a source may need to know of an end
   * @return the submissions whose last job has ended
   */
  synchronized List<Batch> missing(
      Collection<JobId> ids, Map<JobId, Integer> codes, long now, Duration late) {
    List<Batch> over = new ArrayList<>();
    for (JobId id : ids) {
      Job job = open.get(id);
      if (job == null) {
        continue;
      }
      Integer code = codes.get(id);
      if (code != null) {
        end(id, job, exited(job, code, null), over);
        continue;
      }
      if (job.missing++ == 0) {
        job.missingSince = now;
      }
      // How a job ended that was cancelled here is known.
      boolean mayBeTold = job.cancels == 0 && now - job.missingSince < late.toNanos();
      if (mayBeTold && job.status instanceof JobStatus.Running running) {
        job.status = new JobStatus.Ending(running.host());
      }
      if (job.missing >= MOST_MISSING && !mayBeTold) {
        String reason = "the batch system does not know it any more, and it left no exit code";
        End end = job.cancels > 0 ? End.CANCELLED : End.LOST;
        end(id, job, new JobStatus.Ended(end, null, reason), over);
      }
    }
    return over;
  }

  private static JobStatus.Ended completed(Job job, JobStatus.Ended ended, @Nullable Integer code) {
    if (ended.end() == End.LOST) {
      return code != null
          ? exited(job, code, ended.reason())
          : job.cancels > 0 ? new JobStatus.Ended(End.CANCELLED, null, ended.reason()) : ended;
    }
    // The batch system's word counts where the two differ: what went wrong came after the file.
    boolean byItself = ended.end() == End.SUCCEEDED || ended.end() == End.FAILED;
    boolean fits = code != null && (code == 0) == (ended.end() == End.SUCCEEDED);
    return byItself && fits && ended.exitCode() == null
        ? new JobStatus.Ended(ended.end(), code, ended.reason())
        : ended;
  }

  private static JobStatus.Ended exited(Job job, int code, @Nullable String reason) {
    End end = code == 0 ? End.SUCCEEDED : job.cancels > 0 ? End.CANCELLED : End.FAILED;
    return new JobStatus.Ended(end, code, reason);
  }

  private void end(JobId id, Job job, JobStatus.Ended ended, List<Batch> finished) {
    job.status = job.unsendable == null || ended.end() == End.SUCCEEDED
        ? ended
        : unsent(ended, job.unsendable);
    open.remove(id);
    job.batch.open--;
    if (job.batch.open == 0) {
      batches.remove(job.batch);
      finished.add(job.batch);
      if (!job.batch.foreign) {
        over.add(job.batch.tag);
      }
    }
  }

  /**
   * Returns the end of a job that never got its files: we cancelled it for that, unless it ended by something else
   * before.
   */
  private static JobStatus.Ended unsent(JobStatus.Ended ended, String why) {
    if (ended.end() == End.CANCELLED) {
      return new JobStatus.Ended(End.FAILED, ended.exitCode(), why);
    }
    String reason = ended.reason() == null ? "" : "; the batch system says: " + ended.reason();
    return new JobStatus.Ended(ended.end(), ended.exitCode(), why + reason);
  }

  /** Returns the tags of the submissions whose jobs have all ended since this was last asked. */
  synchronized Set<String> tagsOver() {
    Set<String> taken = new LinkedHashSet<>(over);
    over.clear();
    return taken;
  }

  /**
   * Returns, for each submission that has some, one job that has waited for more than two polls without a telling
   * reason.
   */
  synchronized Map<Batch, JobId> silent() {
    Map<Batch, JobId> found = new LinkedHashMap<>();
    open.forEach((id, job) -> {
      if (job.pending > SOON && job.silent()) {
        found.putIfAbsent(job.batch, id);
      }
    });
    return found;
  }

  /** Returns, for each submission that has some, and each of their states that is marked, one job that is in it. */
  synchronized Map<Batch, Map<JobStatus, JobId>> marked(Predicate<JobStatus> marks) {
    Map<Batch, Map<JobStatus, JobId>> found = new LinkedHashMap<>();
    open.forEach((id, job) -> {
      if (!job.silent() && marks.test(job.status)) {
        found
            .computeIfAbsent(job.batch, batch -> new LinkedHashMap<>())
            .putIfAbsent(job.status, id);
      }
    });
    return found;
  }

  /** Sets what a marked state of a submission's jobs means, or, with null, that nobody says. */
  synchronized void explain(Batch batch, JobStatus marked, @Nullable JobStatus explanation) {
    if (explanation == null) {
      batch.explanations.remove(marked);
    } else {
      batch.explanations.put(marked, explanation);
    }
  }

  /** Sets why those jobs of a submission wait that have no telling reason; it holds until one of them goes on. */
  synchronized void explain(Batch batch, @Nullable JobStatus explanation) {
    batch.explanation = explanation;
  }

  /** Returns the jobs that run, need files to be sent, and are not being cancelled. */
  synchronized Map<JobId, Batch> sendable() {
    Map<JobId, Batch> found = new LinkedHashMap<>();
    open.forEach((id, job) -> {
      if (job.status instanceof JobStatus.Running
          && job.cancels == 0
          && job.batch.spec.staging() == Staging.TRANSFER) {
        found.put(id, job.batch);
      }
    });
    return found;
  }

  /**
   * Tells whether a job ran already when it was taken over: the process that submitted it has sent its files.
   */
  synchronized boolean ranBefore(JobId id) {
    Job job = open.get(id);
    return job != null && job.batch.adopted && !job.waited;
  }

  /** Notes why the files of a job could not be sent: that is how it ends. */
  synchronized void unsendable(JobId id, String reason) {
    Job job = open.get(id);
    if (job != null) {
      job.unsendable = reason;
    }
  }

  /** Notes that the end of jobs is being asked for. */
  synchronized void cancelling(Collection<JobId> ids) {
    for (JobId id : ids) {
      Job job = open.get(id);
      if (job != null) {
        job.cancels++;
        job.cancelFailed = false;
      }
    }
  }

  /** Notes that the batch system did not hear that; it is to be asked again, a few times. */
  synchronized void cancelFailed(Collection<JobId> ids) {
    for (JobId id : ids) {
      Job job = open.get(id);
      if (job != null) {
        job.cancelFailed = job.cancels < MOST_CANCELS;
      }
    }
  }

  /** Returns the jobs whose end is to be asked for again. */
  synchronized Set<JobId> uncancelled() {
    Set<JobId> found = new LinkedHashSet<>();
    open.forEach((id, job) -> {
      if (job.cancelFailed) {
        found.add(id);
      }
    });
    return found;
  }
}
