package dev.muster.internal.engine;

import dev.muster.internal.operation.Hooks;
import dev.muster.plan.Plan;
import dev.muster.spi.TaskBody;
import org.jspecify.annotations.Nullable;

/** Runs tasks in this JVM, one at a time, and uses one context for all of them. Not thread-safe. */
final class JvmTaskBody implements TaskBody {
  private final Plan plan;
  private final StageRuntimes runtimes;
  private final TaskContext context;
  private @Nullable Thread thread;

  JvmTaskBody(Plan plan, StageRuntimes runtimes, RunSupport support, String pool, String worker) {
    this.plan = plan;
    this.runtimes = runtimes;
    this.context = new TaskContext(plan, support, pool, worker);
  }

  @Override
  public @Nullable Object run(int task, int attempt) throws Exception {
    StageRuntimes.StageRuntime runtime = runtimes.of(plan.stageOf(task));
    context.enter(task, attempt, runtime);
    thread = Thread.currentThread();
    try {
      return Hooks.run(runtime.code(), context);
    } finally {
      context.leave();
      thread = null;
    }
  }

  /** Tells whether the calling thread runs a task here; of other threads it tells nothing. */
  boolean runsHere() {
    return thread == Thread.currentThread();
  }
}
