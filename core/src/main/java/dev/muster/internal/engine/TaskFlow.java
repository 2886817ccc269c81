package dev.muster.internal.engine;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.TaskFailure;
import dev.muster.spi.BackendSession;
import dev.muster.spi.TaskSink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Brings every task from waiting to its end: hands over what is ready, takes reports, tries again, skips what can no longer run.
 *
 * <p>The way of a task that goes well takes no lock and allocates nothing. Thread-safe.
 */
final class TaskFlow implements TaskSink, Dispatcher {
  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final int PADDING =
      16; // counters of different stages lie on different cache lines

  private final Plan plan;
  private final RunState state;
  private final RunEvents events;
  private final FlowControl control;
  private final Readiness readiness;
  private final Attempts attempts;
  private final boolean keepGoing;
  private final int[] ended;
  private final int[] begun;
  private final AtomicInteger stagesLeft;
  private final Map<Integer, Map<String, @Nullable Object>> diagnostics = new ConcurrentHashMap<>();
  private final Map<String, String> poolOfWorker = new ConcurrentHashMap<>();
  private final Object failing = new Object();
  private final ThreadLocal<ReadyTasks> ready = ThreadLocal.withInitial(() -> new ReadyTasks(this));
  private @Nullable Sessions sessions;

  TaskFlow(
      Plan plan,
      RunState state,
      RunEvents events,
      FlowControl control,
      Attempts attempts,
      boolean keepGoing) {
    this.plan = plan;
    this.state = state;
    this.events = events;
    this.control = control;
    this.attempts = attempts;
    this.keepGoing = keepGoing;
    this.readiness = new Readiness(plan);
    this.ended = new int[plan.stages().size() * PADDING];
    this.begun = new int[plan.stages().size()];
    this.stagesLeft = new AtomicInteger(plan.stages().size());
  }

  /** Starts: hands over every task that waits for nothing. */
  void start(Sessions opened) {
    sessions = opened;
    ReadyTasks initial = new ReadyTasks(this);
    for (PlannedStage stage : plan.stages()) {
      if (stage.taskCount() == 0) {
        stageEnded(stage);
      }
      int end = stage.firstTask() + stage.taskCount();
      for (int task = stage.firstTask(); task < end; task++) {
        if (readiness.isReady(task)) {
          initial.add(task, stage);
        }
      }
    }
    initial.flush();
  }

  private Sessions sessions() {
    Sessions opened = sessions;
    if (opened == null) {
      throw new IllegalStateException("the run has not started");
    }
    return opened;
  }

  @Override
  public void dispatch(PlannedStage stage, int[] tasks, int count) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      int task = tasks[i];
      // Another thread may have been faster, or the run may have been stopped.
      if (state
          .states()
          .move(
              task,
              TaskStates.state(TaskStates.WAITING, 0),
              TaskStates.state(TaskStates.READY, 1))) {
        tasks[kept++] = task;
      }
    }
    if (kept == 0) {
      return;
    }
    if (events.active()
        && begun[stage.index()] == 0
        && COUNTS.compareAndSet(begun, stage.index(), 0, 1)) {
      events.stageStarted(stage);
    }
    submit(sessions().of(stage), stage.route(), 1, tasks, kept);
  }

  private void submit(BackendSession session, Route route, int attempt, int[] tasks, int count) {
    try {
      session.submit(route, attempt, tasks, count);
    } catch (RuntimeException | Error e) { // a backend that cannot even queue a task cannot go on
      control.broken(e);
    }
  }

  @Override
  public boolean started(int task, int attempt, String pool, String worker) {
    if (!state
        .states()
        .move(
            task,
            TaskStates.state(TaskStates.READY, attempt),
            TaskStates.state(TaskStates.RUNNING, attempt))) {
      return false;
    }
    state.timings().start(task, worker);
    PlannedStage stage = plan.stageOf(task);
    if (attempt > 1 || stage.route().pools().size() > 1) {
      poolOfWorker.putIfAbsent(worker, pool);
    }
    Duration timeout = stage.stage().timeout();
    if (timeout != null) {
      control.after(timeout, () -> timeOut(task, attempt, timeout));
    }
    if (events.active()) {
      events.started(task, attempt, pool, worker);
    }
    return true;
  }

  @Override
  public void succeeded(int task, int attempt, @Nullable Object output) {
    if (!state.states().end(task, attempt, TaskStates.SUCCEEDED)) {
      return;
    }
    state.timings().stop(task);
    state.outputs().put(task, output);
    if (events.active()) {
      events.succeeded(task, attempt, diagnostics(task));
    }
    ReadyTasks own = ready.get();
    if (own
        .busy()) { // this report came from inside a hand-over: that one's tasks must stay as they
      // are
      own = new ReadyTasks(this);
    }
    readiness.done(task, own);
    own.flush();
    ended(task);
  }

  @Override
  public void failed(int task, int attempt, Throwable error) {
    failed(task, attempt, Failures.of(error));
  }

  @Override
  public void failed(int task, int attempt, TaskFailure failure) {
    fail(task, attempt, failure);
  }

  /** Returns whether the attempt was not over before. */
  private boolean fail(int task, int attempt, TaskFailure failure) {
    Duration wait;
    synchronized (failing) {
      int now = state.states().get(task);
      int status = TaskStates.statusOf(now);
      if (TaskStates.attemptOf(now) != attempt
          || (status != TaskStates.RUNNING && status != TaskStates.READY)) {
        return false;
      }
      wait = attempts.another(task, failure.kind());
      if (!state
          .states()
          .end(task, attempt, wait == null ? TaskStates.FAILED : TaskStates.WAITING)) {
        return false; // it succeeded or was cancelled in this moment
      }
    }
    state.timings().stop(task);
    state.noteFailure(task, attempt, failure);
    if (events.active()) {
      events.failed(task, attempt, failure, wait);
    }
    if (wait != null) {
      control.after(wait, () -> tryAgain(task, attempt));
      return true;
    }
    state.failures().put(task, failure);
    if (keepGoing) {
      skipDependents(task);
    }
    ended(task);
    if (!keepGoing) {
      control.stop();
    }
    return true;
  }

  private void tryAgain(int task, int failed) {
    int next = failed + 1;
    if (state
        .states()
        .move(
            task,
            TaskStates.state(TaskStates.WAITING, failed),
            TaskStates.state(TaskStates.READY, next))) {
      Route route = attempts.route(task);
      submit(sessions().of(route), route, next, new int[] {task}, 1);
    }
  }

  private void timeOut(int task, int attempt, Duration timeout) {
    if (!state.states().isCurrent(task, attempt)) {
      return;
    }
    Route route = attempts.route(task);
    String message =
        "it ran longer than its timeout of " + dev.muster.resource.Walltime.format(timeout);
    if (fail(task, attempt, TaskFailure.of(FailureKind.TIMEOUT, message))) {
      sessions().of(route).cancel(task, attempt);
    }
  }

  private void skipDependents(int failed) {
    ArrayDeque<Integer> open = new ArrayDeque<>();
    open.add(failed);
    String reason = plan.nameOf(failed) + " failed";
    while (!open.isEmpty()) {
      int task = open.remove();
      PlannedStage stage = plan.stageOf(task);
      int local = task - stage.firstTask();
      for (Link link : stage.outgoing()) {
        int first = plan.stages().get(link.consumer()).firstTask() + link.firstDependent(local);
        int end = first + link.dependentCount(local);
        for (int dependent = first; dependent < end; dependent++) {
          if (skip(dependent, reason)) {
            open.add(dependent);
          }
        }
      }
    }
  }

  private boolean skip(int task, String reason) {
    if (!state
        .states()
        .move(
            task,
            TaskStates.state(TaskStates.WAITING, 0),
            TaskStates.state(TaskStates.SKIPPED, 0))) {
      return false;
    }
    if (events.active()) {
      events.skipped(task, reason);
    }
    ended(task);
    return true;
  }

  /** Ends every task that has not ended: those that run are cancelled, the others skipped. */
  void stopAll(String reason) {
    for (int task = 0; task < state.states().size(); task++) {
      stop(task, reason);
    }
  }

  private void stop(int task, String reason) {
    while (true) {
      int now = state.states().get(task);
      int status = TaskStates.statusOf(now);
      int attempt = TaskStates.attemptOf(now);
      if (status >= TaskStates.SUCCEEDED) {
        return;
      }
      boolean running = status == TaskStates.RUNNING;
      if (!state
          .states()
          .move(
              task,
              now,
              TaskStates.state(running ? TaskStates.FAILED : TaskStates.SKIPPED, attempt))) {
        continue;
      }
      if (running) {
        TaskFailure failure = TaskFailure.of(FailureKind.CANCELLED, reason);
        state.timings().stop(task);
        state.failures().put(task, failure);
        if (events.active()) {
          events.failed(task, attempt, failure, null);
        }
      } else if (events.active()) {
        events.skipped(task, reason);
      }
      if (running || status == TaskStates.READY) {
        sessions().of(attempts.route(task)).cancel(task, attempt);
      }
      ended(task);
      return;
    }
  }

  private void ended(int task) {
    state.outputs().release(task);
    PlannedStage stage = plan.stageOf(task);
    if ((int) COUNTS.getAndAdd(ended, stage.index() * PADDING, 1) + 1 == stage.taskCount()) {
      stageEnded(stage);
    }
  }

  private void stageEnded(PlannedStage stage) {
    if (events.active()) {
      int[] counts = state.counts(stage);
      events.stageFinished(
          stage,
          counts[TaskStates.SUCCEEDED],
          counts[TaskStates.FAILED],
          counts[TaskStates.SKIPPED]);
    }
    if (stagesLeft.decrementAndGet() == 0) {
      control.allEnded();
    }
  }

  @Override
  public void diagnostic(int task, String name, @Nullable Object value) {
    diagnostics
        .computeIfAbsent(task, key -> Collections.synchronizedMap(new LinkedHashMap<>()))
        .put(name, value);
  }

  Map<String, @Nullable Object> diagnostics(int task) {
    Map<String, @Nullable Object> noted = diagnostics.get(task);
    if (noted == null) {
      return Map.of();
    }
    synchronized (noted) {
      return Collections.unmodifiableMap(new LinkedHashMap<>(noted));
    }
  }

  @Nullable
  String poolOf(int task) {
    String worker = state.timings().worker(task);
    if (worker == null) {
      return null;
    }
    String pool = poolOfWorker.get(worker);
    return pool != null ? pool : plan.routeOf(task).pools().get(0).name();
  }

  @Override
  public void workerStarted(String pool, String worker) {
    events.publish(new RunEvent.WorkerStarted(state.timings().now(), pool, worker));
  }

  @Override
  public void workerEnded(String pool, String worker, @Nullable String reason) {
    events.publish(new RunEvent.WorkerEnded(state.timings().now(), pool, worker, reason));
  }

  @Override
  public void notice(String message) {
    events.publish(new RunEvent.Notice(state.timings().now(), message));
  }

  @Override
  public void broken(Throwable error) {
    control.broken(error);
  }
}
