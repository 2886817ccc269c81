package dev.muster.internal.engine;

import dev.muster.internal.operation.GroupBody;
import dev.muster.internal.operation.GroupOperation;
import dev.muster.internal.operation.Hooks;
import dev.muster.internal.operation.LocalCode;
import dev.muster.internal.operation.Turns;
import dev.muster.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Runs tasks in this JVM, one at a time, and uses the same contexts for all of them. Not thread-safe. */
final class JvmTaskBody implements GroupBody {
  private final Plan plan;
  private final StageRuntimes runtimes;
  private final TaskContext context;
  private final IntFunction<TaskContext> makeContext;
  private final List<TaskContext> ofGroup = new ArrayList<>();
  private @Nullable Thread thread;

  JvmTaskBody(Plan plan, StageRuntimes runtimes, RunSupport support, String pool, String worker) {
    this.plan = plan;
    this.runtimes = runtimes;
    this.makeContext = any -> new TaskContext(plan, support, pool, worker);
    this.context = makeContext.apply(0);
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

  @Override
  public boolean groups() {
    return runtimes.anyGroups();
  }

  @Override
  public int groupSize(int task) {
    LocalCode code = runtimes.of(plan.stageOf(task)).code();
    return code.operation() instanceof GroupOperation operation && code.hooks().isEmpty()
        ? operation.groupSize()
        : 1;
  }

  @Override
  public boolean together(int task, int other) {
    return plan.stageOf(task) == plan.stageOf(other);
  }

  @Override
  public void run(Turns turns, int[] tasks, int attempt) {
    StageRuntimes.StageRuntime runtime = runtimes.of(plan.stageOf(tasks[0]));
    GroupOperation operation = (GroupOperation) runtime.code().operation();
    for (int turn = 0; turn < turns.count(); turn++) {
      if (turn == ofGroup.size()) {
        ofGroup.add(makeContext.apply(turn));
      }
      ofGroup.get(turn).enter(tasks[turn], attempt, runtime);
    }
    thread = Thread.currentThread();
    try {
      operation.run(turns, ofGroup::get);
    } finally {
      ofGroup.forEach(TaskContext::leave);
      thread = null;
    }
  }

  /** Tells whether the calling thread runs a task here; of other threads it tells nothing. */
  boolean runsHere() {
    return thread == Thread.currentThread();
  }
}
