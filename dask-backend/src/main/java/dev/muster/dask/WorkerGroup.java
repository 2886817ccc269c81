package dev.muster.dask;

import dev.muster.batch.JobId;
import dev.muster.batch.JobStatus;
import dev.muster.resource.Walltime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one pool: which jobs are theirs, which have come, and what is to be done next. It only decides. Not thread-safe.
 */
final class WorkerGroup {
  /** The exit code of a worker whose software does not fit. */
  static final int REFUSED = 78;

  private static final int MOST_EARLY_ENDS = 3;
  private static final int FEWEST_LOSSES = 10;
  private static final Duration LONGEST_LEAD = Duration.ofMinutes(2);

  /**
   * When a pool is given up, and a worker.
   *
   * @param gone how long a worker may be gone while its job is said to run
   */
  record Limits(
      Duration start,
      boolean strict,
      @Nullable Duration lifetime,
      @Nullable Integer queued,
      Duration gone) {}

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
  private final long since;
  private int wanted;
  private int next;
  private int submitting;
  private int earlyEnds;
  private int losses;
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
      earlyEnds++;
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
      job.gone = false;
    }
    anyCame = true;
    earlyEnds = 0;
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

  /** Takes note that workers of the pool do their work. */
  void worked() {
    losses = 0;
  }

  /** Takes note that nothing could be learned. */
  void unavailable() {
    stalledSince = null;
  }

  /** Takes the states of its jobs and says what is to be done. */
  Decision look(Map<JobId, JobStatus> statuses, long now) {
    Decision decision = new Decision();
    Tally tally = new Tally();
    for (Map.Entry<String, Job> entry : List.copyOf(jobs.entrySet())) {
      JobStatus status = statuses.get(entry.getValue().id);
      if (status != null) {
        look(entry.getKey(), entry.getValue(), status, decision, tally);
        giveUp(entry.getKey(), entry.getValue(), now, decision, tally);
      }
    }
    tally.tell(decision);
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

  private void look(String worker, Job job, JobStatus status, Decision decision, Tally tally) {
    job.status = status;
    if (status instanceof JobStatus.Ended ended) {
      jobs.remove(worker);
      String text = WorkerEnd.describe(ended);
      if (job.came) {
        decision.ends.put(worker, WorkerEnd.of(ended));
        last = "worker " + worker + " (job " + job.id + ") " + text;
        if (!job.cancelled && ended.end() != JobStatus.End.SUCCEEDED) {
          losses++;
          tally.add("worker " + worker + " (job " + job.id + ") " + text, job.id, true);
        }
      } else if (!job.cancelled) {
        boolean refused = Integer.valueOf(REFUSED).equals(ended.exitCode());
        earlyEnds = refused ? MOST_EARLY_ENDS : earlyEnds + 1;
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

  /** Ends a job that is said to run though its worker has been gone for long: a batch system that lost its newest state may say so for ever. */
  private void giveUp(String worker, Job job, long now, Decision decision, Tally tally) {
    if (job.gone
        && !job.cancelled
        && job.status instanceof JobStatus.Running
        && now - job.goneAt > limits.gone().toNanos()) {
      job.cancelled = true;
      losses++;
      decision.cancel.add(job.id);
      last = "worker " + worker + " (job " + job.id + ") has been gone for "
          + Walltime.format(limits.gone()) + ", and its job is said to run; it is cancelled";
      tally.add(last, job.id, true);
    }
  }

  private void note(String what, Job job, Tally tally, boolean withTail) {
    last = "job " + job.id + " is " + what;
    if (what.startsWith("can")) {
      last = "job " + job.id + " " + what;
    }
    if (!told.contains(what)) {
      tally.add(what, job.id, withTail);
    }
  }

  /** What several jobs have in common is told once. */
  private final class Tally {
    private final Map<String, List<JobId>> byText = new LinkedHashMap<>();
    private final Map<String, Boolean> tails = new HashMap<>();

    void add(String text, JobId job, boolean withTail) {
      byText.computeIfAbsent(text, absent -> new ArrayList<>()).add(job);
      tails.put(text, withTail);
    }

    void tell(Decision decision) {
      byText.forEach((text, ids) -> {
        told.add(text);
        String end = Boolean.TRUE.equals(tails.get(text)) ? tail.apply(ids.get(0)) : "";
        if (text.startsWith("worker ")) {
          decision.notices.add("pool " + name + ": " + text + end);
        } else {
          String who = ids.size() == 1
              ? "job " + ids.get(0)
              : ids.size() + " jobs (" + ids.get(0) + " to " + ids.get(ids.size() - 1) + ")";
          boolean state = text.startsWith("held") || text.startsWith("waiting");
          String verb = state ? (ids.size() == 1 ? " is " : " are ") : " ";
          decision.notices.add("pool " + name + ": " + who + verb + text + end);
        }
      });
    }
  }

  /** Returns why the pool will have no workers, or null if it may. */
  private @Nullable String verdict(long now) {
    if (dead) {
      return null;
    }
    boolean alive =
        !early.isEmpty() || jobs.values().stream().anyMatch(job -> job.came && !job.gone);
    if (alive || submitting > 0) {
      stalledSince = null;
      return null;
    }
    if (jobs.isEmpty() && (earlyEnds >= MOST_EARLY_ENDS || tooManyLosses())) {
      return "pool " + name + " has no workers: "
          + (tooManyLosses() ? losses + " were lost one after the other, at last: " : "") + last;
    }
    if (wanted == 0) {
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

  private boolean tooManyLosses() {
    return losses > Math.max(FEWEST_LOSSES, 3 * wanted);
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
      if (earlyEnds < MOST_EARLY_ENDS && !tooManyLosses()) {
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
