package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.spi.BackendSession;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands tasks to the sessions of their backends as soon as they are ready. The way of a task takes no lock and
 * allocates nothing. Thread-safe.
 */
final class HandOver implements Dispatcher {
  private final Plan plan;
  private final TaskStates states;
  private final StageTally tally;
  private final FlowControl control;
  private final Readiness readiness;
  private final ReadyByThread ready = new ReadyByThread();
  private final Beginning beginning;
  private final @Nullable Reuse reuse;
  private final @Nullable IntConsumer recorded;
  private volatile @Nullable Sessions sessions;

  /** Is told of each task that goes without outputs it gathers, before it is handed over. */
  interface Beginning {
    /** Says that a task of a stage that tolerates that outputs are missing will be handed over. */
    void begins(PlannedStage stage, int task);
  }

  /**
   * @param reuse what is taken of an earlier run, or null
   * @param recorded told of each task that is handed over for its first attempt, or null
   */
  HandOver(
      Plan plan,
      TaskStates states,
      StageTally tally,
      FlowControl control,
      Beginning beginning,
      @Nullable Reuse reuse,
      @Nullable IntConsumer recorded) {
    this.beginning = beginning;
    this.reuse = reuse;
    this.recorded = recorded;
    this.plan = plan;
    this.states = states;
    this.tally = tally;
    this.control = control;
    this.readiness = new Readiness(plan);
  }

  /** Starts: hands over every task that waits for nothing. */
  void start(Sessions opened) {
    sessions = opened;
    readiness.countEarly(link -> opened.pipelines(plan, link)
        && (reuse == null || !reuse.mayReuse(plan.stages().get(link.consumer()))));
    ReadyTasks own = ready.get();
    own.begin();
    try {
      done(own);
      for (PlannedStage stage : plan.stages()) {
        if (stage.taskCount() == 0 && tally.stageEnded(stage)) {
          control.allEnded();
        }
        int end = stage.firstTask() + stage.taskCount();
        for (int task = stage.firstTask(); task < end; task++) {
          if (readiness.isReady(task)) {
            own.add(task, stage, this);
          }
        }
      }
      own.flush(this);
      handOverDependents(own);
      dependentsOf(own.nextPostponed(), own);
    } finally {
      own.end();
    }
  }

  /** Counts the tasks that had succeeded before the run. */
  private void done(ReadyTasks own) {
    if (reuse == null) {
      return;
    }
    for (PlannedStage stage : plan.stages()) {
      int end = stage.firstTask() + stage.taskCount();
      for (int task = stage.firstTask(); task < end; task++) {
        if (reuse.before(task)) {
          tally.begin(stage);
          if (tally.taskEnded(stage)) {
            control.allEnded();
          }
          readiness.done(task, own, this);
          if (readiness.countsEarly(stage)) {
            readiness.handedOver(task, own, this); // for what need not wait for its end
          }
        }
      }
    }
  }

  private Sessions sessions() {
    Sessions opened = sessions;
    if (opened == null) {
      throw new IllegalStateException("the run has not started");
    }
    return opened;
  }

  /** Hands over what became ready because {@code task} is done. */
  void dependentsOf(int task) {
    ReadyTasks own = ready.get();
    if (own.busy()) {
      own.postpone(task);
      return;
    }
    own.begin();
    try {
      dependentsOf(task, own);
    } finally {
      own.end();
    }
  }

  /**
   * Counts, for each of these tasks, one that it waited for as ended without an output, and hands over what became
   * ready.
   */
  void without(List<Integer> tasks) {
    ReadyTasks own = ready.get();
    own.begin();
    try {
      tasks.forEach(task -> readiness.without(task, own, this));
      own.flush(this);
      handOverDependents(own);
      dependentsOf(own.nextPostponed(), own);
    } finally {
      own.end();
    }
  }

  private void dependentsOf(int first, ReadyTasks own) {
    for (int task = first; task >= 0; task = own.nextPostponed()) {
      readiness.done(task, own, this);
      own.flush(this);
      handOverDependents(own);
    }
  }

  /**
   * Hands over what can follow tasks that were handed over, to a backend that takes tasks before their inputs are
   * there.
   */
  private void handOverDependents(ReadyTasks own) {
    int task = own.nextHandedOver();
    while (task >= 0) {
      while (task >= 0) {
        readiness.handedOver(task, own, this);
        task = own.nextHandedOver();
      }
      own.flush(this);
      task = own.nextHandedOver();
    }
  }

  @Override
  public void dispatch(PlannedStage stage, int[] tasks, int count) {
    int kept = 0;
    boolean tolerates = stage.stage().tolerate() != null;
    for (int i = 0; i < count; i++) {
      int task = tasks[i];
      if (reuse != null && reuse.reuses(task)) {
        tally.begin(stage);
        if (reuse.take(task)) {
          ReadyTasks own = ready.get();
          own.postpone(task);
          if (readiness.countsEarly(stage)) {
            own.addHandedOver(task);
          }
        }
        continue;
      }
      // Another thread may have been faster, or the run may have been stopped.
      if (states.moveFirst(task)) {
        tasks[kept++] = task;
        if (recorded != null) {
          recorded.accept(task);
        }
        if (tolerates) {
          tally.begin(stage);
          beginning.begins(stage, task);
        }
      }
    }
    if (kept > 0) {
      tally.begin(stage);
      submit(sessions().of(stage), stage.route(), 1, tasks, kept);
      if (readiness.countsEarly(stage)) {
        ReadyTasks own = ready.get();
        for (int i = 0; i < kept; i++) {
          own.addHandedOver(tasks[i]);
        }
      }
    }
  }

  private void submit(BackendSession session, Route route, int attempt, int[] tasks, int count) {
    try {
      session.submit(route, attempt, tasks, count);
    } catch (RuntimeException | Error e) { // a backend that cannot even queue a task cannot go on
      control.broken(e);
    }
  }

  /** Hands over another attempt of a task. */
  void again(Route route, int attempt, int task) {
    submit(sessions().of(route), route, attempt, new int[] {task}, 1);
  }

  /** Takes an attempt back. */
  void cancel(Route route, int task, int attempt) {
    try {
      sessions().of(route).cancel(task, attempt);
    } catch (RuntimeException | Error e) { // the others must be cancelled all the same
      control.broken(e);
    }
  }
}
