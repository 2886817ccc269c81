package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.LastingBatchSystem;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.error.Visible;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A batch system that is driven by its commands, in the words of a dialect.
 *
 * <p>It has no threads of its own but those that send files to jobs: callers' threads submit, cancel and, one at a
 * time, ask. Thread-safe; no lock that {@code submit}, {@code cancel} or {@code close} needs is held while a command
 * runs.
 */
final class CommandBatchSystem implements LastingBatchSystem {
  private static final Logger log = LoggerFactory.getLogger(CommandBatchSystem.class);
  private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(1);
  private static final int FEW = 8;
  private static final int MOST_TRIES = 3;

  private final BatchDialect dialect;
  private final Settings settings;
  private final Duration limit;
  private final Duration interval;
  private final JobTable table = new JobTable();
  private final Watchdog watchdog;
  private final Canceller canceller;
  private final Submitter submitter;
  private final Poller poller;
  private final Sender sender;
  private final Sender fetcher;
  private final CountDownLatch closed = new CountDownLatch(1);

  private final ReentrantLock state = new ReentrantLock();
  private final Condition submitted = state.newCondition();
  private int submitting;
  private boolean closing;

  // Whoever holds it asks; nobody waits for it.
  private final ReentrantLock asking = new ReentrantLock();
  private final BackOff backOff;
  private boolean asked;
  private long due;
  private volatile @Nullable String unavailable;
  private final SubmissionFiles files;
  private final CopyLimit copyLimit;
  private volatile int mostCopies;

  /**
   * Makes a system that has no jobs.
   *
   * @throws MusterException if an option of the engine is wrong or its folder cannot be made
   */
  CommandBatchSystem(BatchDialect dialect, Settings settings, Watchdog.Patience patience) {
    this.dialect = dialect;
    this.settings = settings;
    this.limit = settings.commandLimit(JobOptions.of(settings.config()));
    this.interval = settings.interval();
    this.backOff = new BackOff(
        interval.compareTo(Duration.ofSeconds(1)) < 0
            ? Duration.ofSeconds(1)
            : interval.multipliedBy(2),
        LONGEST_BACK_OFF,
        settings.random());
    this.files = new SubmissionFiles(settings.directory());
    this.watchdog = new Watchdog(
        settings.environment(),
        files.directory().resolve("watchdog-" + dialect.name() + ".log"),
        patience,
        limit);
    this.canceller = new Canceller(dialect, settings.commands(), limit, settings.time());
    this.submitter = new Submitter(dialect, settings, files, watchdog, canceller, table, closed);
    this.poller = new Poller(dialect, settings, limit, table, new ExitFiles(files.directory()));
    this.sender = new Sender(Sender.Errand.SEND, dialect, settings, table);
    this.fetcher = new Sender(Sender.Errand.FETCH, dialect, settings, table);
    this.copyLimit = new CopyLimit(dialect, settings.commands(), limit);
  }

  @Override
  public List<JobId> submit(JobSpec spec, int copies) {
    return submit(spec, copies, null);
  }

  @Override
  public List<JobId> submitLasting(JobSpec spec, int copies, Consumer<String> recorder) {
    return submit(spec, copies, recorder);
  }

  private List<JobId> submit(JobSpec spec, int copies, @Nullable Consumer<String> recorder) {
    if (copies < 1) {
      throw new IllegalArgumentException("job " + spec.name() + ": copies must be 1 or more");
    }
    state.lock();
    try {
      if (closing) {
        throw new MusterException(
            "job " + spec.name() + " was not submitted: the batch system is closed");
      }
      submitting++;
    } finally {
      state.unlock();
    }
    try {
      List<JobId> jobs = submitter.submit(spec, copies, recorder);
      if (closed.getCount() == 0) {
        throw new MusterException(
            "job " + spec.name() + " is cancelled: the batch system was closed meanwhile");
      }
      return jobs;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MusterException(
          "interrupted while job " + spec.name()
              + " was submitted; what may be in the queue is cancelled at the end",
          e);
    } finally {
      state.lock();
      try {
        submitting--;
        submitted.signalAll();
      } finally {
        state.unlock();
      }
    }
  }

  @Override
  public StatusReport status(Set<JobId> jobs) {
    if (table.anyOpen(jobs)) {
      refresh();
      String reason = unavailable;
      if (reason != null && table.anyOpen(jobs)) {
        return new StatusReport.Unavailable(reason);
      }
    }
    return new StatusReport.Answered(table.statuses(jobs));
  }

  /** Asks, unless it is too soon or another thread does so. */
  private void refresh() {
    if (!asking.tryLock()) {
      return;
    }
    try {
      if (asked && settings.time().nanos() - due < 0) {
        return;
      }
      canceller.settle();
      Set<JobId> uncancelled = table.uncancelled();
      if (!uncancelled.isEmpty()) {
        cancelOpen(uncancelled);
      }
      Poller.Outcome outcome = poller.poll();
      outcome.over().forEach(batch -> watchdog.drop(batch.watched));
      Duration pause = interval;
      if (outcome.unavailable() == null) {
        if (unavailable != null) {
          log.info("{} answers again", dialect.name());
          // It may come back with an older state, in which jobs that have ended still run.
          table.tagsOver().forEach(canceller::doubt);
        }
        backOff.succeeded();
        poller.explain();
        send();
      } else {
        pause = backOff.failed();
        if (unavailable == null) {
          log.warn(
              "{} cannot be asked for states: {}",
              dialect.name(),
              Visible.text(outcome.unavailable()));
        }
        log.debug("again in {} ms: {}", pause.toMillis(), outcome.unavailable());
      }
      unavailable = outcome.unavailable();
      asked = true;
      due = settings.time().nanos() + pause.toNanos();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      unavailable = "interrupted while " + dialect.name() + " was asked";
    } finally {
      asking.unlock();
    }
  }

  private void send() throws InterruptedException {
    Map<JobId, Batch> running = table.sendable();
    Map<JobId, Batch> unsent = new LinkedHashMap<>(running);
    unsent.keySet().removeIf(table::ranBefore);
    Set<JobId> lost = new LinkedHashSet<>(sender.update(unsent));
    running.values().removeIf(batch -> batch.spec.parcels() == null);
    lost.addAll(fetcher.update(leaving(running)));
    if (!lost.isEmpty()) {
      cancelOpen(lost);
    }
  }

  /** Returns those of the jobs that have left what is to be fetched. */
  private Map<JobId, Batch> leaving(Map<JobId, Batch> running) throws InterruptedException {
    List<String> command = running.isEmpty() ? null : dialect.leavingCommand(running.keySet());
    Map<JobId, Batch> leaving = new LinkedHashMap<>(command == null ? Map.of() : running);
    if (command != null) {
      try {
        CommandResult answer = settings.commands().run(command, null, limit);
        if (!answer.ok()) {
          log.debug("jobs cannot be asked for what they have left: {}", answer.describe());
        }
        leaving.keySet().retainAll(dialect.leaving(answer));
      } catch (CommandFailed e) {
        log.debug("jobs cannot be asked for what they have left: {}", e.getMessage());
        leaving.clear();
      }
    }
    return leaving;
  }

  @Override
  public void cancel(Set<JobId> jobs) {
    Set<JobId> open = table.openOf(jobs);
    if (open.isEmpty()) {
      return;
    }
    try {
      cancelOpen(open);
    } catch (InterruptedException e) {
      table.cancelFailed(open);
      Thread.currentThread().interrupt();
    }
  }

  private boolean cancelOpen(Set<JobId> jobs) throws InterruptedException {
    table.cancelling(jobs);
    sender.recall(jobs);
    fetcher.recall(jobs);
    boolean heard = canceller.jobs(jobs);
    if (!heard) {
      table.cancelFailed(jobs);
    }
    return heard;
  }

  @Override
  public void watch(JobSpec spec, JobArray jobs) {
    table.add(new Batch(jobs.tag(), spec, Watchdog.NONE, true), jobs.jobs());
  }

  @Override
  public void adopt(JobSpec spec, JobArray jobs) {
    Batch batch = new Batch(jobs.tag(), submitter.withDefaults(spec), Watchdog.NONE);
    batch.adopted = true;
    table.add(batch, jobs.jobs());
  }

  @Override
  public SubmitOutcome find(String tag, int copies) {
    List<String> command = dialect.findCommand(tag);
    if (command == null) {
      return new SubmitOutcome.Unclear(dialect.name() + " has no list of jobs by name", false);
    }
    try {
      return dialect.found(settings.commands().run(command, null, limit), copies);
    } catch (CommandFailed e) {
      return new SubmitOutcome.Unclear(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new SubmitOutcome.Unclear("interrupted while " + dialect.name() + " was asked");
    }
  }

  @Override
  public boolean cancelTag(String tag) {
    try {
      return canceller.tag(tag);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public int mostCopies() {
    int known = mostCopies;
    if (known == 0) {
      known = copyLimit.find();
      mostCopies = known;
    }
    return known;
  }

  @Override
  public void close() {
    state.lock();
    try {
      if (closing) {
        return;
      }
      closing = true;
    } finally {
      state.unlock();
    }
    closed.countDown();
    sender.close();
    fetcher.close();
    boolean interrupted = Thread.interrupted();
    boolean done = false;
    try {
      watchLasting();
      for (int attempt = 1; attempt <= MOST_TRIES && !done; attempt++) {
        try {
          awaitSubmissions();
          done = cancelAll();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      watchdog.close(done);
      if (done) {
        files.deleteEnvironments();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (!done) {
      log.warn(
          "{} did not take the cancellation of {} jobs; a process of its own goes on trying. By hand: {}",
          dialect.name(),
          table.ownOpen().size(),
          tags().stream()
              .map(tag -> ShellWords.join(dialect.cancelCommand(tag)))
              .toList());
    }
  }

  /** Sees to it that also jobs that could outlive this JVM end, if it dies before it has cancelled them. */
  private void watchLasting() {
    for (Batch batch : table.ownOpenBatches()) {
      if (batch.watched == Watchdog.NONE) {
        try {
          int unused = watchdog.add(dialect.cancelCommand(batch.tag));
        } catch (MusterException e) {
          log.warn("jobs may stay if this process is killed now: {}", Visible.text(e.toString()));
        }
      }
    }
  }

  private void awaitSubmissions() throws InterruptedException {
    long left = limit.multipliedBy(2).toNanos();
    state.lock();
    try {
      while (submitting > 0 && left > 0) {
        left = submitted.awaitNanos(left);
      }
    } finally {
      state.unlock();
    }
  }

  /** Cancels what is not known to have ended; returns whether the batch system heard it. */
  private boolean cancelAll() throws InterruptedException {
    Set<JobId> jobs = table.ownOpen();
    Set<String> tags = tags();
    table.cancelling(jobs);
    if (table.ownOpenBatches().size() > FEW && canceller.jobs(jobs)) {
      tags.retainAll(canceller.doubtful());
    }
    boolean heard = true;
    for (String tag : tags) {
      heard &= canceller.tag(tag);
    }
    return heard;
  }

  private Set<String> tags() {
    Set<String> tags = new LinkedHashSet<>();
    table.ownOpenBatches().forEach(batch -> tags.add(batch.tag));
    tags.addAll(canceller.doubtful());
    return tags;
  }
}
