package dev.muster.internal.engine;

import dev.muster.error.Diagnostic;
import dev.muster.error.MusterException;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.process.ProcessGuard;
import dev.muster.internal.resume.RunRecords;
import dev.muster.internal.thread.RunThreads;
import dev.muster.plan.Plan;
import dev.muster.resource.Walltime;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunInterruptedException;
import dev.muster.run.RunListener;
import dev.muster.run.RunProgress;
import dev.muster.run.RunResult;
import dev.muster.run.RunStartException;
import dev.muster.run.RunStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run from start to end. What concerns the run as a whole (waits, stops, the end) happens on one control thread.
 * Thread-safe.
 */
public final class EngineRun implements Run, FlowControl {
  private static final Logger log = LoggerFactory.getLogger(EngineRun.class);

  private static final Duration PATIENCE_FOR_LISTENERS = Duration.ofSeconds(10);
  private static final String NO_START = "the run could not start";
  private static final Duration FOREVER = Duration.ofDays(1000);

  private final String id;
  private final Plan plan;
  private final RunReports reports;
  private final RunFiles files;
  private final EventBus bus;
  private final RunRecord record;
  private final RunKeeping keeping;
  private final RunState state;
  private final RunEvents events;
  private final TaskFlow flow;
  private final RunParts parts;
  private final SelfWait selfWait;
  private final CancelReason reason = new CancelReason();
  private final ControlThread control;
  private final ExitGuard exitGuard;
  private final ProcessGuard.Hold processes;
  private final CompletableFuture<RunResult> result = new CompletableFuture<>();
  private final AtomicBoolean finishing = new AtomicBoolean();
  private volatile @Nullable Sessions sessions;
  private volatile @Nullable Starter starter;
  private volatile boolean cancelled;
  private volatile boolean stopped;
  private volatile @Nullable Throwable error;

  private EngineRun(
      Plan plan,
      Providers providers,
      EngineOptions options,
      RunFiles files,
      @Nullable RunRecords records,
      @Nullable EngineSite site) {
    this.id = options.runId(plan.workflow().name());
    this.plan = plan;
    this.files = files;
    this.reports = new RunReports(plan, providers, files);
    this.bus = new EventBus(RunThreads.name("events", id), PATIENCE_FOR_LISTENERS);
    this.state = new RunState(plan, files, options.keepValues(), options.clock());
    this.events = new RunEvents(id, bus, plan, state.timings());
    this.flow = new TaskFlow(
        plan,
        state,
        events,
        this,
        new Attempts(plan, options.random()),
        options.keepGoing(),
        records);
    this.parts = new RunParts(id, plan, files, state, flow, this, options, records, site);
    this.selfWait = new SelfWait(bus, parts, site);
    this.exitGuard = new ExitGuard(RunThreads.name("exit", id), this::cancel);
    this.record = RunRecord.open(plan, files, this::broken);
    this.keeping = new RunKeeping(record, records, this::broken);
    Duration deadline = options.deadline();
    this.control = new ControlThread(
        RunThreads.name("control", id),
        options.time(),
        deadline,
        () -> cancel(
            "its deadline of " + Walltime.format(Objects.requireNonNull(deadline)) + " is over"),
        this::defect);
    this.processes = ProcessGuard.hold(options.shutdownHook());
  }

  /**
   * Starts a run; its backends are opened afterwards, on a thread of the run.
   *
   * @throws dev.muster.error.WorkflowException if the plan has errors, all of which it lists; nothing is made
   * @throws MusterException if its directory cannot be used; nothing is left
   */
  public static Run start(Plan plan, Providers providers, EngineOptions options) {
    return start(plan, providers, options, null);
  }

  /**
   * Starts a run, of a site or, with null, one that has its backends to itself.
   *
   * @throws MusterException also if a backend of the plan serves no site
   */
  static EngineRun start(
      Plan plan, Providers providers, EngineOptions options, @Nullable EngineSite site) {
    try (PlanCheck checked = PlanCheck.of(plan, providers)) {
      Diagnostic.throwIfErrors(checked.diagnostics());
      if (site != null) {
        site.check(plan, providers);
      }
      RunFiles files = RunFiles.open(options, plan);
      RunRecords records = null;
      try {
        records = RunKeeping.records(plan, providers, options, files, checked);
        EngineRun run = new EngineRun(plan, providers, options, files, records, site);
        run.begin(providers, options, checked);
        return run;
      } catch (RuntimeException | Error e) {
        RunKeeping.closeAfter(e, records);
        files.release();
        throw e;
      }
    }
  }

  private void begin(Providers providers, EngineOptions options, PlanCheck checked) {
    record.listener().ifPresent(listener -> bus.first(listener, keeping::pause));
    options.listeners().forEach(bus::add);
    events.publish(new RunEvent.RunStarted(
        state.timings().now(), id, plan.workflow().name(), plan.taskCount()));
    keeping.resumed().ifPresent(flow::notice);
    Sessions prepared = Sessions.prepare(plan, providers, parts, checked);
    sessions = prepared;
    if (options.shutdownHook()) {
      exitGuard.arm();
    }
    if (prepared.openAtOnce(providers)) {
      open(prepared, providers, () -> false);
      return;
    }
    Starter thread =
        new Starter(RunThreads.name("start", id), opened -> open(prepared, providers, opened));
    starter = thread;
    thread.start();
  }

  /**
   * Opens the backends and hands over what is ready.
   *
   * @param opened is told once they are open or cannot be, and returns whether that was to be given up
   */
  private void open(Sessions prepared, Providers providers, BooleanSupplier opened) {
    try {
      prepared.open(plan, providers);
    } catch (RuntimeException | Error e) {
      sessions = null; // closed already
      if (opened.getAsBoolean()) {
        cancelled = true;
        log.debug("run {} was cancelled while its backends were opened", id, e);
      } else {
        error = new RunStartException(e);
      }
      flow.stopAll(cancelled ? reason.text() : NO_START);
      finish();
      return;
    }
    boolean unused =
        opened
            .getAsBoolean(); // a run that was to be given up is stopped by the control thread next
    control.open(); // only now can the run be stopped: there is something to close
    try {
      flow.start(prepared);
    } catch (RuntimeException | Error e) {
      broken(e);
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Plan plan() {
    return plan;
  }

  @Override
  public @Nullable Path directory() {
    return files.given();
  }

  @Override
  public RunResult await() {
    while (true) {
      RunResult ended = await(FOREVER);
      if (ended != null) {
        return ended;
      }
    }
  }

  @Override
  public @Nullable RunResult await(Duration limit) {
    selfWait.check("wait for");
    try {
      return result.get(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunInterruptedException(e);
    } catch (ExecutionException e) {
      throw new MusterException(
          "the run could not be ended in order: " + e.getCause(), e.getCause());
    }
  }

  /** Tells whether the calling thread carries out an operation of the run. */
  boolean operationRunsHere() {
    return parts.operationRunsHere();
  }

  @Override
  public CompletionStage<RunResult> result() {
    return result.minimalCompletionStage();
  }

  @Override
  public RunProgress progress() {
    return state.progress();
  }

  @Override
  public void onEvent(RunListener listener) {
    bus.add(listener);
  }

  @Override
  public void cancel() {
    stopWith(CancelReason.NONE);
  }

  @Override
  public void cancel(String why) {
    if (why.isBlank()) {
      throw new IllegalArgumentException("the reason is empty; cancel() needs none");
    }
    stopWith(EventText.bounded(why, null));
  }

  private void stopWith(String why) {
    if (finishing.get()) {
      return;
    }
    reason.give(why);
    control.execute(() -> {
      if (!stopped) {
        cancelled = stopTasks(why);
      }
    });
    Starter thread = starter;
    if (thread != null) {
      thread.giveUp();
    }
  }

  @Override
  public void drain(Duration patience) {
    control.execute(() -> {
      if (!stopped) {
        cancelled |= flow.drain("the run is drained: no further tasks start");
        control.after(patience, () -> {
          if (!stopped) {
            cancelled |= stopTasks("the run was drained, and its time to end is over");
          }
        });
      }
    });
  }

  @Override
  public void close() {
    selfWait.check("close");
    cancel();
    boolean interrupted = false;
    while (true) {
      try {
        result.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // nothing of the run may be left when this returns
      } catch (ExecutionException e) {
        log.warn("run {} could not be ended in order", id, e.getCause());
        break;
      }
    }
    interrupted |= control.awaitEnd();
    Starter thread = starter;
    if (thread != null) {
      interrupted |= thread.awaitEnd();
    }
    files.deleteTemporary();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // What the flow asks for

  @Override
  public void after(Duration wait, Runnable action) {
    control.after(wait, action);
  }

  @Override
  public void at(long nanoTime, Runnable action) {
    control.at(nanoTime, action);
  }

  @Override
  public long nanoTime() {
    return control.nanoTime();
  }

  @Override
  public void stop(String reason) {
    control.execute(() -> stopTasks(reason));
  }

  @Override
  public void broken(Throwable cause) {
    control.execute(() -> {
      if (error == null) {
        error = cause;
        log.debug("run {} is broken", id, cause);
      }
      stopTasks("the run cannot go on: " + Failures.message(cause));
    });
  }

  @Override
  public void allEnded() {
    control.execute(this::finish);
  }

  private void defect(Throwable cause) { // the run must still end, and say so
    log.error("run {} fails by an error of its engine", id, cause);
    error = cause;
    finish();
  }

  /** Returns a short text: id, how far it is, and its directory. */
  @Override
  public String toString() {
    return "Run[" + id + ", " + (result.isDone() ? "over" : finishing.get() ? "ending" : "running")
        + ", tasks=" + plan.taskCount()
        + (files.given() == null ? "" : ", directory=" + files.given()) + "]";
  }

  /** Returns whether there was anything to stop. */
  private boolean stopTasks(String reason) {
    if (stopped) {
      return false;
    }
    stopped = true;
    return flow.stopAll(reason);
  }

  private void finish() {
    if (!finishing.compareAndSet(false, true)) {
      return;
    }
    RunResult ended = null;
    Throwable failed = null;
    try {
      new ResultOutputs(plan, state).settle(); // what the backends hold goes with them
      release();
      RunStatus status = status();
      Throwable cause = error;
      bus.close(new RunEvent.RunFinished(
          state.timings().now(),
          id,
          status,
          state.timings().elapsed(),
          cause == null ? reason.of(status) : EventText.bounded(Failures.message(cause), null)));
      MusterException unwritten = keeping.close();
      if (unwritten != null && cause == null) { // what is not on record has not succeeded
        status = RunStatus.FAILED;
        cause = unwritten;
      }
      ended = new RunResults(plan, state).result(status, cause, reason.of(status));
    } catch (RuntimeException | Error e) {
      failed = e;
    }
    files.release();
    reports.write();
    exitGuard.disarm();
    control.shutDown();
    if (ended != null) {
      result.complete(ended); // last: whoever waits may end the JVM at once
    } else {
      result.completeExceptionally(Objects.requireNonNull(failed));
    }
  }

  private void release() {
    Sessions opened = sessions;
    if (opened != null) {
      for (Throwable problem : opened.close()) {
        log.warn("run {}: something could not be released", id, problem);
        flow.notice("something could not be released: " + Failures.message(problem));
      }
    }
    processes.close();
    exitGuard.released();
  }

  private RunStatus status() {
    if (error != null) {
      return RunStatus.FAILED;
    }
    if (cancelled) {
      return RunStatus.CANCELLED;
    }
    if (!state.failures().any()) {
      return RunStatus.SUCCEEDED;
    }
    return state.failures().lost() ? RunStatus.FAILED : RunStatus.INCOMPLETE;
  }

  @Override
  public void log(int task, String message) {
    record.say(state.timings().now(), id, plan.nameOf(task), Objects.requireNonNull(message));
  }
}
