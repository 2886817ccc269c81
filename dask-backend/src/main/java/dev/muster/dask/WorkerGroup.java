package dev.muster.dask;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.resource.Walltime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one pool: which jobs are theirs, which have come, and what is to be done next. It only decides. Not
 * thread-safe.
 */
final class WorkerGroup {
  /** The exit code of a worker whose software does not fit. */
  static final int REFUSED = 78;

  private static final Duration LONGEST_LEAD = Duration.ofMinutes(2);

  /**
   * When a pool is given up, and a worker.
   *
   * @param gone how long a worker may be gone while its job is said to run
   * @param losses how many workers may be lost one after the other without a finished task in between, or null for the
   *     default
   * @param pause how long the replacement of a worker waits after several such losses, at first
   * @param leaving whether workers end by themselves and are not lost then, in exit code 0
   */
  record Limits(
      Duration start,
      boolean strict,
      @Nullable Duration lifetime,
      @Nullable Integer queued,
      Duration gone,
      @Nullable Integer losses,
      Duration pause,
      boolean leaving) {}

  /** What is to be done: say things, submit workers, cancel jobs, or give the pool up. */
  static final class Decision {
    final List<String> notices = new ArrayList<>();
    final Set<JobId> cancel = new HashSet<>();
    final Map<String, WorkerEnd> ends = new LinkedHashMap<>();
    int submit;

    @Nullable
    String dead;
  }

  private static final class Job {
    final JobId id;
    JobStatus status = new JobStatus.Pending(null);
    boolean came;
    long cameAt;
    boolean gone;
    long goneAt;
    int returns;
    boolean returned;
    boolean cancelled;

    Job(JobId id) {
      this.id = id;
    }

    boolean waits() {
      return (!came || gone)
          && (status instanceof JobStatus.Pending
              || status instanceof JobStatus.Held
              || status instanceof JobStatus.Impossible);
    }
  }

  private final String name;
  private final Limits limits;
  private final Function<JobId, String> tail;
  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private final Set<String> early = new HashSet<>();
  private final Set<String> told = new HashSet<>();
  private final LossStreak streak;
  private final long since;
  private int wanted;
  private int next;
  private int submitting;
  private boolean anyCame;
  private boolean dead;
  private @Nullable Long stalledSince;
  private String last = "";

  /**
   * @param tail tells the end of a job's error log, or nothing
   * @param now nanoseconds of a clock
   */
  WorkerGroup(String name, int wanted, Limits limits, Function<JobId, String> tail, long now) {
    this.name = name;
    this.wanted = wanted;
    this.limits = limits;
    this.tail = tail;
    this.streak = new LossStreak(limits.losses(), limits.pause());
    this.since = now;
  }

  String name() {
    return name;
  }

  int wanted() {
    return wanted;
  }

  void want(int workers) {
    wanted = workers;
  }

  boolean dead() {
    return dead;
  }

  Set<JobId> jobs() {
    Set<JobId> ids = new HashSet<>();
    jobs.values().forEach(job -> ids.add(job.id));
    return ids;
  }

  /** Takes numbers for workers that are about to be submitted; returns the first. */
  int reserve(int copies) {
    int first = next;
    next += copies;
    submitting += copies;
    return first;
  }

  /** Takes the jobs of workers that were submitted. */
  void submitted(int first, List<JobId> ids) {
    for (int i = 0; i < ids.size(); i++) {
      String worker = name + "-" + (first + i);
      Job job = new Job(ids.get(i));
      if (early.remove(worker)) {
        job.came = true;
        job.cameAt = since;
      }
      jobs.put(worker, job);
    }
    submitting -= ids.size();
  }

  /** Takes note that a submission failed; one that the batch system would refuse again counts. */
  void failed(int copies, boolean refused, String reason) {
    submitting -= copies;
    if (refused) {
      streak.early();
    }
    last = reason;
  }

  void came(String worker, long now) {
    Job job = jobs.get(worker);
    if (job == null) {
      early.add(worker); // faster than the answer of its submission
    } else {
      job.came = true;
      job.cameAt = now;
      if (job.gone) {
        job.gone = false;
        job.returns++;
      }
    }
    anyCame = true;
    stalledSince = null;
    streak.came();
  }

  /** Takes note that a worker has left the scheduler. */
  void went(String worker, long now) {
    early.remove(worker);
    Job job = jobs.get(worker);
    if (job != null) {
      job.gone = true;
      job.goneAt = now;
    }
  }

  /** Takes note that workers of the pool do their work: a task is finished, well or not. */
  void worked() {
    streak.worked();
  }

  /** Takes note that nothing could be learned. */
  void unavailable() {
    stalledSince = null;
  }

  /** Takes the states of its jobs and says what is to be done. */
  Decision look(Map<JobId, JobStatus> statuses, long now) {
    Decision decision = new Decision();
    WorkerNotices tally = new WorkerNotices(name, told, tail);
    for (Map.Entry<String, Job> entry : List.copyOf(jobs.entrySet())) {
      JobStatus status = statuses.get(entry.getValue().id);
      if (status != null) {
        returned(entry.getKey(), entry.getValue(), now, tally);
        look(entry.getKey(), entry.getValue(), status, now, decision, tally);
        giveUp(entry.getKey(), entry.getValue(), now, decision, tally);
      }
    }
    decision.notices.addAll(tally.tell());
    decision.dead = verdict(now);
    if (decision.dead != null) {
      dead = true;
      decision.notices.add(decision.dead);
      decision.cancel.addAll(jobs());
      return decision;
    }
    size(decision, now);
    return decision;
  }

  /** Counts how often a worker lost its connection and came back: it was lost, though its job was not. */
  private void returned(String worker, Job job, long now, WorkerNotices tally) {
    if (job.returns > 0) {
      streak.lost(job.returns, now);
      job.returns = 0;
      job.returned = true;
      last =
          "worker " + worker + " (job " + job.id + ") was gone and came back" + tail.apply(job.id);
      tally.add("worker " + worker + " (job " + job.id + ") was gone and came back", job.id, true);
    }
  }

  private void look(
      String worker, Job job, JobStatus status, long now, Decision decision, WorkerNotices tally) {
    job.status = status;
    if (status instanceof JobStatus.Ended ended) {
      jobs.remove(worker);
      String text = ended.describe();
      if (job.came) {
        decision.ends.put(worker, WorkerEnd.of(ended, () -> tail.apply(job.id)));
        last = "worker " + worker + " (job " + job.id + ") " + text;
        boolean left = ended.end() == JobStatus.End.SUCCEEDED && limits.leaving();
        if (!job.cancelled && !left) {
          streak.lost(1, now);
          last += tail.apply(job.id);
          tally.add("worker " + worker + " (job " + job.id + ") " + text, job.id, true);
        }
      } else if (!job.cancelled) {
        boolean refused = Integer.valueOf(REFUSED).equals(ended.exitCode());
        if (refused) {
          streak.hopeless();
        } else {
          streak.early();
        }
        last = "job " + job.id + " of worker " + worker + " " + text
            + " before the worker was there" + tail.apply(job.id);
        tally.add(text + " before the worker was there", job.id, true);
      }
    } else if (status instanceof JobStatus.Held held) {
      note("held: " + held.reason(), job, tally, true);
    } else if (status instanceof JobStatus.Impossible impossible) {
      note("can never start: " + impossible.reason(), job, tally, true);
    } else if (status instanceof JobStatus.Pending pending && pending.reason() != null) {
      note("waiting: " + pending.reason(), job, tally, false);
    }
  }

  /**
   * Ends a job that is said to run though its worker has been gone for long: a batch system that lost its newest state
   * may say so for ever. Ends one whose worker comes and goes, too, when the pool is at its end.
   */
  private void giveUp(String worker, Job job, long now, Decision decision, WorkerNotices tally) {
    if (job.returned && !job.cancelled && streak.tooManyLosses(wanted)) {
      job.cancelled = true;
      decision.cancel.add(job.id);
    } else if (job.gone
        && !job.cancelled
        && (job.status instanceof JobStatus.Running || job.status instanceof JobStatus.Ending)
        && now - job.goneAt > limits.gone().toNanos()) {
      job.cancelled = true;
      streak.lost(1, now);
      decision.cancel.add(job.id);
      last = "worker " + worker + " (job " + job.id + ") has been gone for "
          + Walltime.format(limits.gone()) + ", and its job is said to run; it is cancelled";
      tally.add(last, job.id, true);
    }
  }

  private void note(String what, Job job, WorkerNotices tally, boolean withTail) {
    last = "job " + job.id + " is " + what;
    if (what.startsWith("can")) {
      last = "job " + job.id + " " + what;
    }
    if (!told.contains(what)) {
      tally.add(what, job.id, withTail);
    }
  }

  /** Returns why the pool will have no workers, or null if it may. */
  private @Nullable String verdict(long now) {
    if (dead) {
      return null;
    }
    boolean alive = !early.isEmpty()
        || jobs.values().stream().anyMatch(job -> job.came && !job.gone && !comesAndGoes(job));
    if (alive || submitting > 0) {
      stalledSince = null;
      return null;
    }
    if (jobs.values().stream().allMatch(WorkerGroup::comesAndGoes) && streak.over(wanted)) {
      return "pool " + name + " has no workers: " + streak.count(wanted) + last;
    }
    if (wanted == 0 || (jobs.isEmpty() && streak.waits(wanted, now))) {
      stalledSince = null;
      return null;
    }
    if (!jobs.isEmpty()
        && jobs.values().stream().allMatch(job -> job.status instanceof JobStatus.Impossible)) {
      return "pool " + name + " will have no workers: " + last;
    }
    boolean queued =
        jobs.values().stream().anyMatch(job -> job.status instanceof JobStatus.Pending);
    if (queued && !(limits.strict() && !anyCame)) {
      stalledSince = null;
      return null;
    }
    long start = limits.strict() && !anyCame ? since : stalledSince == null ? now : stalledSince;
    stalledSince = start;
    return Duration.ofNanos(now - start).compareTo(limits.start()) <= 0
        ? null
        : "no worker of pool " + name + " was there within " + Walltime.format(limits.start())
            + " (worker_start_timeout)" + (last.isEmpty() ? "" : ": " + last);
  }

  private static boolean comesAndGoes(Job job) {
    return job.returned && job.cancelled;
  }

  /** Decides how many workers are submitted, or which jobs that wait are cancelled. */
  private void size(Decision decision, long now) {
    int there = submitting;
    int waiting = submitting;
    for (Job job : jobs.values()) {
      if (!job.cancelled && !expires(job, now)) {
        there++;
        waiting += job.came ? 0 : 1;
      }
    }
    if (there < wanted) {
      if (!streak.over(wanted) && !streak.waits(wanted, now)) {
        int most = limits.queued() == null ? Integer.MAX_VALUE : limits.queued() - waiting;
        decision.submit = Math.max(0, Math.min(wanted - there, most));
      }
      return;
    }
    List<Job> newestFirst = new ArrayList<>(jobs.values());
    Collections.reverse(newestFirst);
    for (Job job : newestFirst) {
      if (there > wanted && job.waits() && !job.cancelled) {
        job.cancelled = true;
        decision.cancel.add(job.id);
        there--;
      }
    }
  }

  /** Tells whether a worker's time is nearly over, so that another should be on its way. */
  private boolean expires(Job job, long now) {
    Duration lifetime = limits.lifetime();
    if (!job.came || lifetime == null) {
      return false;
    }
    Duration quarter = lifetime.dividedBy(4);
    Duration lead = quarter.compareTo(LONGEST_LEAD) < 0 ? quarter : LONGEST_LEAD;
    return now - job.cameAt > lifetime.minus(lead).toNanos();
  }
}
