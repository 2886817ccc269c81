package dev.muster.testkit;

import dev.muster.error.MusterException;
import dev.muster.error.Suggestions;
import dev.muster.execution.Pool;
import dev.muster.plan.Plan;
import dev.muster.plan.Route;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.testkit.FakeAttempt.State;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A fake backend at work for one run. Thread-safe. It never reports with its lock held: a report may come back with new
 * tasks.
 */
final class FakeSession implements BackendSession {
  private final BackendContext context;
  private final boolean automatic;
  private final Duration patience;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Worker> workers = new LinkedHashMap<>();
  private final Deque<Entry> toRun = new ArrayDeque<>();
  private final CallingThreads calling = new CallingThreads();
  private boolean draining;
  private boolean closed;

  /** An attempt, and where it goes. */
  private static final class Entry {
    private final int task;
    private final Route route;
    private FakeAttempt attempt;

    Entry(int task, Route route, FakeAttempt attempt) {
      this.task = task;
      this.route = route;
      this.attempt = attempt;
    }

    boolean is(State state) {
      return attempt.state() == state;
    }
  }

  /** A virtual worker: it has a name and free slots. */
  private static final class Worker {
    private final String pool;
    private int free;

    Worker(Pool pool) {
      this.pool = pool.name();
      this.free = pool.slotsOrDefault();
    }
  }

  FakeSession(BackendContext context, boolean automatic, Duration patience) {
    this.context = context;
    this.automatic = automatic;
    this.patience = patience;
    for (Pool pool : context.pools()) {
      for (int i = 0; i < pool.workersOrDefault().max(); i++) {
        workers.put(pool.name() + "-" + i, new Worker(pool));
      }
    }
    workers.forEach((name, worker) -> context.sink().workerStarted(worker.pool, name));
  }

  BackendContext context() {
    return context;
  }

  @Override
  public void submit(Route route, int attempt, int[] tasks, int count) {
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the fake backend is closed");
      }
      for (int i = 0; i < count; i++) {
        String name = context.plan().nameOf(tasks[i]);
        Entry entry =
            new Entry(tasks[i], route, new FakeAttempt(name, attempt, null, null, State.QUEUED));
        entries.add(entry);
        if (automatic) {
          toRun.add(entry);
        }
      }
      notifyAll();
      if (!automatic || draining) {
        return;
      }
      draining = true;
    }
    try {
      drain();
    } finally {
      synchronized (this) {
        draining = false;
      }
    }
  }

  private void drain() {
    while (true) {
      Entry next;
      synchronized (this) {
        next = toRun.poll();
        if (next == null) {
          return;
        }
      }
      run(next);
    }
  }

  synchronized List<String> named(State state) {
    return entries.stream().filter(e -> e.is(state)).map(e -> e.attempt.task()).toList();
  }

  synchronized List<FakeAttempt> attempts() {
    return entries.stream().map(entry -> entry.attempt).toList();
  }

  synchronized List<String> workers() {
    return List.copyOf(workers.keySet());
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Waiting for a task that the plan does not have would be in vain. */
  private void checkName(String task) {
    Plan plan = context.plan();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < plan.taskCount(); i++) {
      String name = plan.nameOf(i);
      if (name.equals(task)) {
        return;
      }
      names.add(name);
    }
    String near = Suggestions.nearest(task, names);
    throw new IllegalStateException("the plan has no task '" + task + "'"
        + (near == null ? "" : ", did you mean '" + near + "'?") + "; it has "
        + Suggestions.listed(names));
  }

  /** Returns the open attempt of a task; waits for it if need be. */
  private synchronized Entry await(String task, Predicate<Entry> wanted, String what) {
    checkName(task);
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      for (int i = entries.size() - 1; i >= 0; i--) {
        Entry entry = entries.get(i);
        if (entry.attempt.task().equals(task) && wanted.test(entry)) {
          return entry;
        }
      }
      long left = deadline - System.nanoTime();
      if (left <= 0 || closed) {
        throw new IllegalStateException("task " + task + " is not " + what
            + (closed ? "; the run is over" : " after " + patience.toMillis() + " ms")
            + "; attempts so far: " + attempts());
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for task " + task, e);
      }
    }
  }

  String start(String task, @Nullable String worker) {
    Entry entry = await(task, e -> e.is(State.QUEUED), "queued");
    String chosen = start(entry, worker);
    if (chosen == null) {
      throw new IllegalStateException("task " + task + " was cancelled");
    }
    return chosen;
  }

  /** Returns the worker, or null if the attempt is over. */
  private @Nullable String start(Entry entry, @Nullable String wanted) {
    String name;
    String pool;
    synchronized (this) {
      name = wanted == null ? freeWorker(entry) : checked(entry, wanted);
      Worker worker = workers.get(name);
      if (worker == null || !entry.is(State.QUEUED)) {
        return null;
      }
      worker.free--;
      pool = worker.pool;
      entry.attempt = entry.attempt.on(pool, name);
    }
    if (!context.sink().started(entry.task, entry.attempt.attempt(), pool, name)) {
      end(entry, State.CANCELLED);
      return null;
    }
    return name;
  }

  private String freeWorker(Entry entry) {
    for (Map.Entry<String, Worker> each : workers.entrySet()) {
      if (each.getValue().free > 0 && serves(entry, each.getValue())) {
        return each.getKey();
      }
    }
    throw new IllegalStateException("no worker is free for " + entry.attempt.task()
        + ", which goes to " + entry.route.pools().stream().map(Pool::name).toList()
        + "; running: " + named(State.RUNNING));
  }

  private String checked(Entry entry, String wanted) {
    Worker worker = workers.get(wanted);
    if (worker == null) {
      throw new IllegalStateException(
          "there is no worker " + wanted + "; there are " + workers.keySet());
    }
    if (!serves(entry, worker)) {
      throw new IllegalStateException("worker " + wanted + " is of no pool of "
          + entry.attempt.task() + ", which goes to "
          + entry.route.pools().stream().map(Pool::name).toList());
    }
    if (worker.free == 0) {
      throw new IllegalStateException("worker " + wanted + " is busy");
    }
    return wanted;
  }

  private static boolean serves(Entry entry, Worker worker) {
    return entry.route.pools().stream().anyMatch(pool -> pool.name().equals(worker.pool));
  }

  /** Moves an attempt that runs to its end and frees its worker; false if it does not run. */
  private synchronized boolean end(Entry entry, State state) {
    if (!entry.is(State.RUNNING)) {
      return false;
    }
    entry.attempt = entry.attempt.with(state);
    Worker worker = workers.get(entry.attempt.worker());
    if (worker != null) {
      worker.free++;
    }
    return true;
  }

  /** Returns the open attempt of a task, started. */
  private Entry started(String task) {
    Entry entry = await(task, e -> e.is(State.QUEUED) || e.is(State.RUNNING), "queued or running");
    if (entry.is(State.QUEUED) && start(entry, null) == null) {
      throw new IllegalStateException("task " + task + " was cancelled");
    }
    return entry;
  }

  void run(String task) {
    carryOut(started(task));
  }

  private void run(Entry entry) {
    if (entry.is(State.QUEUED) && start(entry, null) != null) {
      carryOut(entry);
    }
  }

  private void carryOut(Entry entry) {
    FakeAttempt attempt = entry.attempt;
    String pool = String.valueOf(attempt.pool());
    String worker = String.valueOf(attempt.worker());
    Object output;
    if (!calling.enter(attempt)) {
      return;
    }
    try {
      output = context.body(pool, worker).run(entry.task, attempt.attempt());
    } catch (Throwable e) { // whatever an operation throws is its task's failure
      if (end(entry, State.FAILED)) {
        context.sink().failed(entry.task, attempt.attempt(), e);
      }
      return;
    } finally {
      calling.leave(attempt);
    }
    succeed(entry, output);
  }

  int runAll() {
    int ran = 0;
    while (true) {
      Entry next;
      synchronized (this) {
        next = entries.stream().filter(e -> e.is(State.QUEUED)).findFirst().orElse(null);
      }
      if (next == null) {
        return ran;
      }
      run(next);
      ran++;
    }
  }

  void succeed(String task, @Nullable Object output) {
    succeed(started(task), output);
  }

  private void succeed(Entry entry, @Nullable Object output) {
    if (end(entry, State.SUCCEEDED)) {
      context.sink().succeeded(entry.task, entry.attempt.attempt(), output);
    }
  }

  void fail(String task, TaskFailure failure) {
    fail(started(task), failure);
  }

  private void fail(Entry entry, TaskFailure failure) {
    if (end(entry, State.FAILED)) {
      context.sink().failed(entry.task, entry.attempt.attempt(), failure);
    }
  }

  void lose(String name) {
    Worker worker;
    List<Entry> hit;
    synchronized (this) {
      worker = workers.remove(name);
      if (worker == null) {
        throw new IllegalStateException(
            "there is no worker " + name + "; there are " + workers.keySet());
      }
      hit = entries.stream()
          .filter(e -> e.is(State.RUNNING) && name.equals(e.attempt.worker()))
          .toList();
    }
    context.sink().workerEnded(worker.pool, name, "lost by the test");
    hit.forEach(entry ->
        fail(entry, TaskFailure.of(FailureKind.WORKER_LOST, "its worker " + name + " was lost")));
  }

  void reportAgain(String task, @Nullable Object output) {
    Entry entry = await(task, e -> !e.is(State.QUEUED), "started");
    context.sink().succeeded(entry.task, entry.attempt.attempt(), output);
  }

  @Override
  public synchronized void cancel(int task, int attempt) {
    for (Entry entry : entries) {
      if (entry.task == task && entry.attempt.attempt() == attempt) {
        calling.interrupt(entry.attempt);
        if (!end(entry, State.CANCELLED) && entry.is(State.QUEUED)) {
          entry.attempt = entry.attempt.with(State.CANCELLED);
        }
      }
    }
  }

  @Override
  public void close() {
    Map<String, Worker> left;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      left = new LinkedHashMap<>(workers);
      toRun.clear();
      notifyAll();
    }
    List<String> busy = calling.close(patience);
    left.forEach((name, worker) -> context.sink().workerEnded(worker.pool, name, null));
    if (!busy.isEmpty()) {
      throw new MusterException("operations ignore that they were interrupted and still run after "
          + patience.toMillis() + " ms: " + busy);
    }
  }
}
