package dev.muster.internal.engine;

import dev.muster.error.MusterException;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunInterruptedException;
import dev.muster.run.RunListener;
import dev.muster.run.RunProgress;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.spi.TaskSink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run from start to end. What concerns the run as a whole (waits, stops, the end) happens on one control thread. Thread-safe.
 */
public final class EngineRun implements Run, RunSupport, FlowControl {
  private static final Logger log = LoggerFactory.getLogger(EngineRun.class);

  private final String id;
  private final Plan plan;
  private final RunFiles files;
  private final boolean keepValues;
  private final EventBus bus;
  private final RunRecord record;
  private final RunState state;
  private final RunEvents events;
  private final TaskFlow flow;
  private final ScheduledThreadPoolExecutor control;
  private final CompletableFuture<RunResult> result = new CompletableFuture<>();
  private final AtomicBoolean finishing = new AtomicBoolean();
  private @Nullable Sessions sessions;
  private volatile boolean cancelled;
  private volatile boolean stopped;
  private volatile @Nullable Throwable error;

  private EngineRun(Plan plan, EngineOptions options, RunFiles files) {
    this.id = options.runId(plan.workflow().name());
    this.plan = plan;
    this.files = files;
    this.keepValues = options.keepValues();
    this.bus = new EventBus("muster-events");
    this.state = new RunState(plan, files, options.keepValues(), options.clock());
    this.events = new RunEvents(bus, plan, state.timings());
    this.flow = new TaskFlow(
        plan, state, events, this, new Attempts(plan, options.random()), options.keepGoing());
    this.control = new ScheduledThreadPoolExecutor(1, task -> {
      Thread thread = new Thread(task, "muster-control");
      thread.setDaemon(true);
      return thread;
    });
    control.setRemoveOnCancelPolicy(true);
    control.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.record = RunRecord.open(files, this::broken);
  }

  /**
   * Starts a run.
   *
   * @throws MusterException if its directory cannot be used, an operation is missing, or a backend cannot start; nothing is left
   *     running
   */
  public static Run start(Plan plan, Providers providers, EngineOptions options) {
    EngineRun run = new EngineRun(plan, options, RunFiles.create(options.directory()));
    run.begin(providers, options);
    return run;
  }

  private void begin(Providers providers, EngineOptions options) {
    record.plan(plan);
    record.listener().ifPresent(listener -> bus.add(listener, record::flush));
    options.listeners().forEach(listener -> bus.add(listener, EventBus.NOTHING));
    events.publish(new RunEvent.RunStarted(
        state.timings().now(), id, plan.workflow().name(), plan.taskCount()));
    try {
      sessions = Sessions.open(plan, providers, this);
    } catch (RuntimeException | Error e) {
      error = e;
      for (int task = 0; task < state.states().size(); task++) {
        state.states().move(task, 0, TaskStates.state(TaskStates.SKIPPED, 0));
      }
      finish();
      throw e;
    }
    try {
      flow.start(sessions);
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
    notByListener("wait for its run");
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunInterruptedException(e);
    } catch (ExecutionException e) {
      throw new MusterException(
          "the run could not be ended in order: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public @Nullable RunResult await(Duration limit) {
    notByListener("wait for its run");
    try {
      return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
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

  private void notByListener(String what) {
    if (bus.isDelivering()) {
      throw new IllegalStateException(
          "a listener cannot " + what + ", which waits for the listener; it can cancel it");
    }
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
    bus.add(listener, EventBus.NOTHING);
  }

  @Override
  public void cancel() {
    onControl(() -> {
      if (!stopped) {
        cancelled = true;
        stopTasks("the run was cancelled");
      }
    });
  }

  @Override
  public void close() {
    notByListener("close its run");
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
    files.deleteTemporary();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // What the flow asks for

  @Override
  public void after(Duration wait, Runnable action) {
    try {
      control.schedule(() -> guarded(action), wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("run {} is over", id, e);
    }
  }

  @Override
  public void stop() {
    onControl(() -> stopTasks("another task failed"));
  }

  @Override
  public void broken(Throwable cause) {
    onControl(() -> {
      if (error == null) {
        error = cause;
        log.debug("run {} is broken", id, cause);
      }
      stopTasks("the run cannot go on: " + Failures.of(cause).message());
    });
  }

  @Override
  public void allEnded() {
    onControl(this::finish);
  }

  private void onControl(Runnable action) {
    try {
      control.execute(() -> guarded(action));
    } catch (RejectedExecutionException e) {
      log.debug("run {} is over", id, e);
    }
  }

  private void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) { // a defect: the run must still end, and say so
      log.error("run {} fails by an error of its engine", id, e);
      error = e;
      if (!finishing.get()) {
        finish();
      }
    }
  }

  private void stopTasks(String reason) {
    if (!stopped) {
      stopped = true;
      flow.stopAll(reason);
    }
  }

  private void finish() {
    if (!finishing.compareAndSet(false, true)) {
      return;
    }
    try {
      if (sessions != null) {
        for (Throwable problem : sessions.close()) {
          log.warn("run {}: something could not be released", id, problem);
          flow.notice("something could not be released: " + Failures.of(problem).message());
        }
      }
      RunStatus status = status();
      Throwable cause = error;
      events.publish(new RunEvent.RunFinished(
          state.timings().now(),
          status,
          state.timings().elapsed(),
          cause == null ? null : Failures.of(cause).message()));
      bus.close();
      record.close();
      result.complete(new RunResults(plan, state, flow).result(status, cause));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    } finally {
      control.shutdown();
    }
  }

  private RunStatus status() {
    if (error != null) {
      return RunStatus.FAILED;
    }
    if (cancelled) {
      return RunStatus.CANCELLED;
    }
    return state.failures().any() ? RunStatus.FAILED : RunStatus.SUCCEEDED;
  }

  // What the parts of the run need

  @Override
  public String runId() {
    return id;
  }

  @Override
  public Path baseDirectory() {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize();
  }

  @Override
  public RunFiles files() {
    return files;
  }

  @Override
  public TaskSink sink() {
    return flow;
  }

  @Override
  public @Nullable Object output(int task) {
    if (TaskStates.statusOf(state.states().get(task)) != TaskStates.SUCCEEDED) {
      throw new IllegalArgumentException(plan.nameOf(task) + " has not succeeded");
    }
    return state.outputs().get(task);
  }

  @Override
  public boolean keepsValues() {
    return keepValues;
  }

  @Override
  public boolean isCurrent(int task, int attempt) {
    return state.states().isCurrent(task, attempt);
  }

  @Override
  public void log(int task, String message) {
    record.say(state.timings().now(), plan.nameOf(task), Objects.requireNonNull(message));
  }
}
