package dev.muster.internal.engine;

import dev.muster.error.MusterException;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.WarmPython;
import dev.muster.internal.process.ProcessGuard;
import dev.muster.internal.resume.CodeStates;
import dev.muster.internal.thread.RunThreads;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendSite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What several runs share: the sites of their backends, and warm Python processes. Thread-safe. */
public final class EngineSite implements AutoCloseable {
  private final String id;
  private final ProcessGuard.Hold processes = ProcessGuard.hold();
  private final WarmPython python;
  private final Map<SessionKey, BackendSite> backends = new LinkedHashMap<>(); // also its lock
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<EngineRun> runs = new LinkedHashSet<>();
  private int starting;
  private @Nullable String refusal;
  private boolean closing;
  private boolean closed;

  /**
   * Makes a site; starts nothing.
   *
   * @param id for names of threads
   */
  public EngineSite(String id) {
    this.id = id;
    this.python = new WarmPython(RunThreads.ALL, files -> new CodeStates().change(files) == null);
  }

  /** Returns the id. */
  public String id() {
    return id;
  }

  WarmPython python() {
    return python;
  }

  /**
   * Refuses a backend that cannot serve several runs.
   *
   * @throws dev.muster.error.WorkflowException if there is none of that name
   * @throws MusterException if it serves one run only
   */
  public void check(String name, Providers providers) {
    Backend backend = providers.backend(name);
    BackendSite tried = backend.openSite(id);
    if (tried == null) {
      throw new MusterException(
          "the backend " + name
              + " serves one run only: it cannot be used on a site yet; start each of its runs with Muster.start");
    }
    tried.close();
  }

  void check(Plan plan, Providers providers) {
    for (SessionNeed need : SessionNeed.of(plan)) {
      backend(need.key(), providers);
    }
  }

  /** Returns what a backend has for the runs of this site. */
  BackendSite backend(SessionKey key, Providers providers) {
    synchronized (backends) {
      BackendSite known = backends.get(key);
      if (known != null) {
        return known;
      }
      check(key.backend(), providers);
      BackendSite opened = providers.backend(key.backend()).openSite(id);
      if (opened == null) {
        throw new MusterException("the backend " + key.backend() + " has no site any more");
      }
      backends.put(key, opened);
      return opened;
    }
  }

  /**
   * Starts a run; see {@link EngineRun#start(Plan, Providers, EngineOptions)}.
   *
   * @throws IllegalStateException if the site is drained or closed
   */
  public Run start(Plan plan, Providers providers, EngineOptions options) {
    lock.lock();
    try {
      if (refusal != null) {
        throw new IllegalStateException(refusal);
      }
      starting++;
    } finally {
      lock.unlock();
    }
    EngineRun run = null;
    try {
      run = EngineRun.start(plan, providers, options, this);
    } finally {
      lock.lock();
      try {
        starting--;
        if (run != null) {
          runs.add(run);
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
    EngineRun started = run;
    var unused = started.result().whenComplete((result, error) -> ended(started));
    return started;
  }

  private void ended(EngineRun run) {
    lock.lock();
    try {
      runs.remove(run);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the runs that are not over, in the order in which they were started. */
  public List<Run> runs() {
    lock.lock();
    try {
      return List.copyOf(runs);
    } finally {
      lock.unlock();
    }
  }

  /** Tells whether the calling thread carries out an operation of one of the runs. */
  boolean operationRunsHere() {
    for (EngineRun run : engineRuns()) {
      if (run.operationRunsHere()) {
        return true;
      }
    }
    return false;
  }

  private List<EngineRun> engineRuns() {
    lock.lock();
    try {
      return List.copyOf(runs);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuses further runs and waits for the end of those that are there.
   *
   * @return whether all have ended in that time
   * @throws InterruptedException if the thread is interrupted; further runs are refused all the same
   */
  public boolean drain(Duration patience) throws InterruptedException {
    notByItself("drain");
    lock.lock();
    try {
      if (refusal == null) {
        refusal = "the site is drained: it takes no further runs; open another";
      }
      long nanos = TimeUnit.NANOSECONDS.convert(patience);
      while (starting > 0 || !runs.isEmpty()) {
        if (nanos <= 0) {
          return false;
        }
        nanos = changed.awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void notByItself(String what) {
    if (operationRunsHere()) {
      throw new IllegalStateException("an operation cannot " + what
          + " the site that it runs on, which waits for the operation; do it elsewhere");
    }
  }

  /** Cancels the runs that are there, waits for their end, and ends the workers. Idempotent. */
  @Override
  public void close() {
    notByItself("close");
    if (!first()) {
      return;
    }
    List<EngineRun> left = engineRuns();
    left.forEach(run -> run.cancel("the site was closed"));
    List<Throwable> errors = new ArrayList<>();
    List<AutoCloseable> parts = new ArrayList<>(left);
    synchronized (backends) {
      parts.addAll(backends.values());
    }
    parts.add(python);
    parts.add(processes);
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception | Error e) { // one that cannot be closed must not keep the others open
        errors.add(e);
      }
    }
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (!errors.isEmpty()) {
      MusterException error = new MusterException(
          "the site could not be closed in order: " + Failures.message(errors.get(0)),
          errors.get(0));
      errors.subList(1, errors.size()).forEach(error::addSuppressed);
      throw error;
    }
  }

  /** Returns whether this is the first call; if it is not, waits until the site is closed. */
  private boolean first() {
    lock.lock();
    try {
      refusal = "the site is closed: it takes no further runs; open another";
      boolean first = !closing;
      closing = true;
      while (first ? starting > 0 : !closed) {
        changed.awaitUninterruptibly();
      }
      return first;
    } finally {
      lock.unlock();
    }
  }
}
