package dev.muster.internal.engine;

import dev.muster.internal.engine.Absences.Consequence;
import dev.muster.internal.resume.RunRecords;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.resource.Walltime;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.TaskFailure;
import dev.muster.spi.CodeFiles;
import dev.muster.spi.TaskSink;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings every task to its end: takes reports, tries again, skips what can no longer run. What is ready is {@linkplain
 * HandOver handed over}.
 *
 * <p>The way of a task that goes well takes no lock and allocates nothing, unless somebody listens. Thread-safe.
 */
final class TaskFlow implements TaskSink {
  private static final int LOCKS = 64;

  private final Plan plan;
  private final RunState state;
  private final RunEvents events;
  private final FlowControl control;
  private final Attempts attempts;
  private final StageTally tally;
  private final HandOver handOver;
  private final Absences absences;
  private final Timeouts timeouts;
  private final boolean keepGoing;
  // Where an event has to be published together with the move that it tells of, so that the events
  // of a task come in order.
  private final Object[] locks = new Object[LOCKS];
  private final @Nullable RunRecords records;
  private volatile boolean draining;

  TaskFlow(
      Plan plan,
      RunState state,
      RunEvents events,
      FlowControl control,
      Attempts attempts,
      boolean keepGoing,
      @Nullable RunRecords records) {
    this.plan = plan;
    this.records = records;
    this.state = state;
    this.events = events;
    this.control = control;
    this.attempts = attempts;
    this.keepGoing = keepGoing;
    this.tally = new StageTally(plan, state, events);
    this.absences = new Absences(plan);
    this.handOver = new HandOver(
        plan,
        state.states(),
        tally,
        control,
        this::begins,
        records == null || records.resumed() == null
            ? null
            : new Resumption(plan, state, records, records.resumed(), this::ended),
        records == null ? null : records::begins);
    this.timeouts = new Timeouts(plan, control, state.states(), this::outOfTime);
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  private Object lockOf(int task) {
    return locks[task % LOCKS];
  }

  /** Starts: hands over every task that waits for nothing. */
  void start(Sessions opened) {
    handOver.start(opened);
  }

  @Override
  public boolean started(int task, int attempt, String pool, String worker) {
    PlannedStage stage = plan.stageOf(task);
    if (!events.active()) {
      if (!state.start(stage, task, attempt, pool, worker)) {
        return false;
      }
    } else {
      synchronized (lockOf(task)) {
        if (!state.start(stage, task, attempt, pool, worker)) {
          return false;
        }
        events.started(task, attempt, pool, worker);
      }
    }
    timeouts.watch(stage, task, attempt);
    return true;
  }

  @Override
  public void succeeded(int task, int attempt, @Nullable Object output) {
    if (!state.states().end(task, attempt, TaskStates.SUCCEEDED)) {
      return;
    }
    state.timings().stop(task);
    if (records != null) {
      record(records, task, output);
    }
    state.outputs().put(task, output);
    if (events.active()) {
      events.succeeded(task, attempt, state.notes().diagnostics(task));
    }
    state.outputs().release(task, true);
    ended(task); // before the next stages begin: what they wait for is told as finished first
    handOver.dependentsOf(task);
  }

  private void record(RunRecords kept, int task, @Nullable Object output) {
    try {
      kept.succeeded(task, output);
    } catch (RuntimeException | Error e) {
      control.broken(e);
    }
  }

  @Override
  public void failed(int task, int attempt, Throwable error) {
    failed(task, attempt, Failures.of(error));
  }

  @Override
  public void failed(int task, int attempt, TaskFailure failure) {
    fail(task, attempt, failure, null);
  }

  /**
   * Ends an attempt that failed, unless it is over.
   *
   * @param cancelled where the attempt still runs and is taken back, before another can follow; null if it runs no more
   */
  private void fail(int task, int attempt, TaskFailure failure, @Nullable Route cancelled) {
    Duration wait;
    synchronized (lockOf(task)) {
      if (!state.states().isOpen(task, attempt)) {
        return;
      }
      wait = draining ? null : attempts.another(task, failure);
      if (!state
          .states()
          .end(task, attempt, wait == null ? TaskStates.FAILED : TaskStates.WAITING)) {
        return; // it succeeded in this moment
      }
      state.timings().stop(task);
      TaskFailure told = EventText.bounded(failure, state.errors(task));
      if (wait == null) {
        state.failures().put(task, told);
      }
      if (events.active()) {
        events.failed(task, attempt, told, wait);
      }
    }
    state.noteFailure(task, attempt, failure);
    if (cancelled != null) {
      handOver.cancel(cancelled, task, attempt);
    }
    if (wait != null) {
      control.after(wait, () -> tryAgain(task, attempt));
      return;
    }
    if (records != null) {
      records.failed(task);
    }
    Consequence after = keepGoing || absences.concern(plan.stageOf(task))
        ? absences.failed(task, this::skip)
        : new Consequence(false, List.of());
    if (!after.tolerated()) {
      state.failures().lose(); // before anything that may end the run
    }
    state.outputs().release(task, false);
    ended(task);
    if (!after.tolerated() && !keepGoing) {
      control.stop(plan.nameOf(task) + " failed");
    } else if (!after.without().isEmpty()) {
      control.after(Duration.ZERO, () -> handOver.without(after.without()));
    }
  }

  private void tryAgain(int task, int failed) {
    int next = failed + 1;
    if (state
        .states()
        .move(
            task,
            TaskStates.state(TaskStates.WAITING, failed),
            TaskStates.state(TaskStates.READY, next))) {
      handOver.again(attempts.route(task), next, task);
    }
  }

  /** Says what a task goes without that is about to be handed over. */
  private void begins(PlannedStage stage, int task) {
    int missing = absences.missing(task);
    if (missing > 0 && events.active()) {
      events.without(stage, task, missing, producer -> state.states().isAbsent(producer));
    }
  }

  private void outOfTime(int task, int attempt, Duration timeout) {
    Route route = attempts.route(task);
    String message = "it ran longer than its timeout of " + Walltime.format(timeout);
    fail(task, attempt, TaskFailure.of(FailureKind.TIMEOUT, message), route);
  }

  /** Skips a task that has not started; it may be with a backend that takes tasks before their inputs are there. */
  private boolean skip(int task, String reason) {
    if (stop(task, TaskStates.FRESH, reason)) {
      return true;
    }
    int now = state.states().get(task);
    return TaskStates.statusOf(now) == TaskStates.READY && stop(task, now, reason);
  }

  /**
   * Ends every task that has not ended: those that run are cancelled, the others skipped. Returns whether there were
   * any.
   */
  boolean stopAll(String reason) {
    // First what is queued: a worker whose task is cancelled would begin with the next.
    boolean any = stopBelow(TaskStates.RUNNING, reason);
    return stopBelow(TaskStates.SUCCEEDED, reason) || any;
  }

  /**
   * Skips every task that has not begun and lets the others end, without another attempt. Returns whether there were
   * any to skip.
   */
  boolean drain(String reason) {
    draining = true;
    return stopBelow(TaskStates.RUNNING, reason);
  }

  private boolean stopBelow(int status, String reason) {
    boolean any = false;
    for (int task = 0; task < state.states().size(); task++) {
      int now = state.states().get(task);
      while (TaskStates.statusOf(now) < status && !stop(task, now, reason)) {
        now = state.states().get(task); // it has just moved on
      }
      any |= TaskStates.statusOf(now) < status;
    }
    return any;
  }

  /** Ends a task that is in the state {@code from}; returns false if it is in another. */
  private boolean stop(int task, int from, String reason) {
    int status = TaskStates.statusOf(from);
    int attempt = TaskStates.attemptOf(from);
    synchronized (lockOf(task)) {
      if (status == TaskStates.RUNNING) {
        if (!state.states().move(task, from, TaskStates.state(TaskStates.FAILED, attempt))) {
          return false;
        }
        TaskFailure failure =
            TaskFailure.of(FailureKind.CANCELLED, EventText.bounded(reason, null));
        state.timings().stop(task);
        state.failures().putStopped(task, failure);
        if (events.active()) {
          events.failed(task, attempt, failure, null);
        }
      } else {
        int started = status == TaskStates.READY ? attempt - 1 : attempt;
        if (!state.states().move(task, from, TaskStates.state(TaskStates.SKIPPED, started))) {
          return false;
        }
        if (events.active()) {
          events.skipped(task, reason);
        }
      }
    }
    if (status != TaskStates.WAITING) {
      handOver.cancel(attempts.route(task), task, attempt);
    }
    state.outputs().release(task, false);
    ended(task);
    return true;
  }

  private void ended(int task) {
    if (tally.taskEnded(plan.stageOf(task))) {
      control.allEnded();
    }
  }

  @Override
  public void measured(int task, int attempt, Instant began, Duration took) {
    if (state.states().isCurrent(task, attempt)) {
      state.timings().measured(task, began, took);
    }
  }

  @Override
  public void code(int task, CodeFiles files) {
    if (records != null) {
      records.code(task, files);
    }
  }

  @Override
  public void wroteFiles(int task) {
    state.wroteFiles(task);
  }

  @Override
  public void log(int task, String message) {
    control.log(task, message);
  }

  @Override
  public void diagnostic(int task, String name, @Nullable Object value) {
    state.notes().diagnostic(task, name, value);
  }

  @Override
  public void workerStarted(String pool, String worker) {
    events.publish(new RunEvent.WorkerStarted(state.timings().now(), events.run(), pool, worker));
  }

  @Override
  public void workerEnded(String pool, String worker, @Nullable String reason) {
    String told = reason == null ? null : EventText.bounded(reason, null);
    events.publish(
        new RunEvent.WorkerEnded(state.timings().now(), events.run(), pool, worker, told));
  }

  @Override
  public void notice(String message) {
    events.publish(
        new RunEvent.Notice(state.timings().now(), events.run(), EventText.bounded(message, null)));
  }

  @Override
  public void broken(Throwable error) {
    control.broken(error);
  }
}
