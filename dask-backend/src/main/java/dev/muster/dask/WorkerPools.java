package dev.muster.dask;

import com.google.common.base.Ticker;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.internal.process.LogTail;
import dev.muster.internal.thread.RunThreads;
import dev.muster.resource.Walltime;
import dev.muster.spi.BackendContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Starts the workers of each pool as jobs, watches the jobs, and replaces what is lost. Thread-safe. */
final class WorkerPools {
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final Duration AT_LAST = Duration.ofSeconds(8);
  private static final Duration GONE = Duration.ofSeconds(30);
  private static final Duration SLOWEST = Duration.ofMinutes(1);

  private final BackendContext context;
  private final WorkerJobs jobs;
  private final BiConsumer<String, String> died;
  private final Duration interval;
  private final boolean local;
  private final Ticker ticker;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, WorkerEnd> ends = new LinkedHashMap<>();
  private final List<Question> questions = new ArrayList<>();
  private final Thread watcher;
  private boolean hurry;
  private boolean away;
  private boolean started;
  private boolean closing;

  /** A pool, its workers, and how it is submitted. */
  private static final class Entry {
    final Pool pool;
    final int number;
    final WorkerGroup group;
    int refusals;
    long notBefore;

    Entry(Pool pool, int number, WorkerGroup group, long now) {
      this.pool = pool;
      this.number = number;
      this.group = group;
      this.notBefore = now;
    }
  }

  /** Somebody who wants to know how a worker ended. */
  private record Question(String worker, long deadline, Consumer<@Nullable WorkerEnd> answer) {}

  /**
   * @param died is told a pool and the reason when the pool will have no workers
   */
  WorkerPools(
      BackendContext context,
      DaskConfig config,
      WorkerJobs jobs,
      boolean local,
      BiConsumer<String, String> died,
      Ticker ticker) {
    this.watcher = RunThreads.daemon("dask-pools", context.runId(), this::keepWatch);
    this.context = context;
    this.jobs = jobs;
    this.died = died;
    this.local = local;
    this.ticker = ticker;
    Object poll = context.config().get("poll_interval");
    this.interval = poll != null
        ? Walltime.parse(poll.toString())
        : local ? Duration.ofMillis(250) : Duration.ofSeconds(10);
    int number = 0;
    for (Pool pool : context.pools()) {
      PoolConfig own = PoolConfig.of(context, pool);
      WorkerGroup.Limits limits = new WorkerGroup.Limits(
          config.startTimeout(),
          config.startTimeoutGiven(),
          own.lifetime(),
          own.maxQueued(),
          GONE.plus(interval.multipliedBy(2)),
          own.maxLost(),
          interval,
          own.leaving() || pool.workersOrDefault().adaptive());
      JobSpec example = jobs.job(pool, number, 0);
      WorkerGroup group = new WorkerGroup(
          pool.name(),
          pool.workersOrDefault().min(),
          limits,
          id -> LogTail.named("stderr", example.errFile(id.id())),
          ticker.read());
      entries.put(pool.name(), new Entry(pool, number++, group, ticker.read()));
    }
  }

  /**
   * Submits the workers; they wait for the scheduler's address.
   *
   * @throws MusterException if the batch system refuses those of a pool
   */
  void start() {
    synchronized (this) {
      started = true;
    }
    for (Entry entry : entries.values()) {
      PoolConfig own = PoolConfig.of(context, entry.pool);
      int most = own.maxQueued() == null ? Integer.MAX_VALUE : own.maxQueued();
      int copies = Math.min(entry.group.wanted(), most);
      if (copies > 0) {
        submit(entry, copies);
      }
    }
  }

  /** Watches over the workers from now on. Until then, one that ends is not replaced. */
  void watch() {
    watcher.start();
  }

  private void submit(Entry entry, int copies) {
    int first;
    synchronized (this) {
      if (closing) {
        return;
      }
      first = entry.group.reserve(copies);
    }
    List<JobId> ids;
    try {
      ids = JobContext.of(context)
          .processes()
          .submit(jobs.job(entry.pool, entry.number, first), copies);
    } catch (MusterException e) {
      synchronized (this) {
        entry.group.failed(copies, !e.retryable(), String.valueOf(e.getMessage()));
      }
      throw e;
    }
    boolean late;
    synchronized (this) {
      entry.group.submitted(first, ids);
      late = closing;
    }
    if (late) {
      JobContext.of(context).processes().cancel(Set.copyOf(ids));
    }
  }

  /** Says that a worker has come. */
  synchronized void came(String pool, String worker) {
    Entry entry = entries.get(pool);
    if (entry != null) {
      entry.group.came(worker, ticker.read());
    }
  }

  /** Says that a worker of a pool has done something. */
  synchronized void worked(String pool) {
    Entry entry = entries.get(pool);
    if (entry != null) {
      entry.group.worked();
    }
  }

  /** Says that a worker has gone; its job is looked at soon. */
  synchronized void went(String pool, String worker) {
    Entry entry = entries.get(pool);
    if (entry != null) {
      entry.group.went(worker, ticker.read());
      hurry = true;
      notifyAll();
    }
  }

  /** Sets how many workers a pool is to have. */
  synchronized void want(String pool, int workers) {
    Entry entry = entries.get(pool);
    if (entry != null) {
      entry.group.want(workers);
      hurry = true;
      notifyAll();
    }
  }

  /**
   * Tells how a worker that is gone ended, as soon as the batch system says so; null if it does not within two looks,
   * or if the worker is none of these.
   */
  void ended(String worker, Consumer<@Nullable WorkerEnd> answer) {
    WorkerEnd end;
    synchronized (this) {
      end = ends.get(worker);
      if (end == null && started && !closing && entries.containsKey(poolOf(worker))) {
        long patience = interval.multipliedBy(2).plus(AT_LAST).toNanos();
        questions.add(new Question(worker, ticker.read() + patience, answer));
        hurry = true;
        notifyAll();
        return;
      }
    }
    answer.accept(end);
  }

  /** Returns the pool of a worker, for example {@code gpu} of {@code gpu-3}. */
  private static String poolOf(String worker) {
    return worker.substring(0, Math.max(0, worker.lastIndexOf('-')));
  }

  private void keepWatch() {
    try {
      while (true) {
        synchronized (this) {
          if (!closing && !hurry) {
            Duration wait =
                questions.isEmpty() || interval.compareTo(AT_ONCE) < 0 ? interval : AT_ONCE;
            wait(wait.toMillis());
          }
          hurry = false;
          if (closing) {
            return;
          }
        }
        poll();
        answer();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      context.sink().broken(e);
    }
  }

  private void poll() {
    Set<JobId> asked = new HashSet<>();
    synchronized (this) {
      entries.values().forEach(entry -> asked.addAll(entry.group.jobs()));
    }
    StatusReport report = asked.isEmpty()
        ? new StatusReport.Answered(Map.of())
        : JobContext.of(context).processes().status(asked);
    Map<JobId, JobStatus> statuses;
    if (report instanceof StatusReport.Answered answered) {
      statuses = answered.statuses();
      if (away) {
        away = false;
        context.sink().notice("the batch system answers again");
      }
    } else {
      statuses = Map.of();
      if (!away && report instanceof StatusReport.Unavailable unavailable) {
        away = true;
        context
            .sink()
            .notice("the batch system cannot be asked about the workers' jobs; what runs goes on: "
                + unavailable.reason());
      }
    }
    for (Entry entry : entries.values()) {
      WorkerGroup.Decision decision;
      synchronized (this) {
        if (closing || entry.group.dead()) {
          continue;
        }
        if (away) {
          entry.group.unavailable();
          continue;
        }
        decision = entry.group.look(statuses, ticker.read());
        ends.putAll(decision.ends);
      }
      carryOut(entry, decision);
    }
  }

  private void carryOut(Entry entry, WorkerGroup.Decision decision) {
    decision.notices.forEach(context.sink()::notice);
    if (!decision.cancel.isEmpty()) {
      JobContext.of(context).processes().cancel(decision.cancel);
    }
    if (decision.dead != null) {
      died.accept(entry.group.name(), decision.dead);
    } else if (decision.submit > 0 && ticker.read() - entry.notBefore >= 0) {
      try {
        submit(entry, decision.submit);
        entry.refusals = 0;
      } catch (MusterException e) {
        long wait =
            Math.min(SLOWEST.toNanos(), interval.toNanos() << Math.min(20, entry.refusals++));
        entry.notBefore = ticker.read() + wait;
        context
            .sink()
            .notice("workers of pool " + entry.pool.name() + " could not be submitted: "
                + e.getMessage());
      }
    }
  }

  /** Answers the questions that can be answered, or have waited too long. */
  private void answer() {
    Map<Question, WorkerEnd> answered = new LinkedHashMap<>();
    List<Question> expired = new ArrayList<>();
    synchronized (this) {
      for (Iterator<Question> all = questions.iterator(); all.hasNext(); ) {
        Question question = all.next();
        WorkerEnd end = ends.get(question.worker());
        if (end != null) {
          answered.put(question, end);
          all.remove();
        } else if (ticker.read() - question.deadline() >= 0) {
          expired.add(question);
          all.remove();
        }
      }
    }
    answered.forEach((question, end) -> question.answer().accept(end));
    expired.forEach(question -> question.answer().accept(null));
  }

  /** Says that workers that end from now on are to end. */
  void closing() {
    List<Question> open;
    synchronized (this) {
      closing = true;
      open = List.copyOf(questions);
      questions.clear();
      notifyAll();
    }
    open.forEach(question -> question.answer().accept(null));
  }

  /** Ends what is left of the workers; those whose scheduler has gone end by themselves. */
  void close() {
    Set<JobId> left = new HashSet<>();
    synchronized (this) {
      entries.values().forEach(entry -> left.addAll(entry.group.jobs()));
    }
    Teardown.all(() -> end(left), this::join);
  }

  private void end(Set<JobId> left) {
    if (left.isEmpty()) {
      return;
    }
    try {
      await(left, AT_ONCE);
      JobContext.of(context).processes().cancel(left);
      await(left, AT_LAST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void join() {
    try {
      if (watcher.isAlive()) {
        watcher.join(AT_LAST.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until jobs have ended, where that can be seen at no cost: on this host. */
  private void await(Set<JobId> waited, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (local && System.nanoTime() < deadline) {
      if (JobContext.of(context).processes().status(waited)
              instanceof StatusReport.Answered answered
          && answered.statuses().values().stream().allMatch(JobStatus::ended)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
