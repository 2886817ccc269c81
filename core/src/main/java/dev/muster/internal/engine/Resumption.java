package dev.muster.internal.engine;

import dev.muster.internal.resume.ResumePlan;
import dev.muster.internal.resume.ResumePlan.Verdict;
import dev.muster.internal.resume.RunRecords;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.util.BitSet;
import java.util.function.IntConsumer;

/** Takes the results of earlier runs into a run that resumes them. Thread-safe once made. */
final class Resumption implements Reuse {
  private final Plan plan;
  private final RunState state;
  private final RunRecords records;
  private final IntConsumer ended;
  private final BitSet before = new BitSet();
  private final BitSet undecided = new BitSet(); // stages

  /**
   * Ends the tasks that need not run whatever happens.
   *
   * @param ended told of each task that ends later
   */
  Resumption(Plan plan, RunState state, RunRecords records, ResumePlan resumed, IntConsumer ended) {
    this.plan = plan;
    this.state = state;
    this.records = records;
    this.ended = ended;
    for (int task = 0; task < plan.taskCount(); task++) {
      Verdict verdict = resumed.verdict(task);
      if (verdict == Verdict.REUSE) {
        state.outputs().put(task, records.take(task));
      } else if (verdict == Verdict.NOT_NEEDED) {
        records.pass(task);
      } else {
        if (verdict == Verdict.RUN_IF_CHANGED) {
          undecided.set(plan.stageIndexOf(task));
        }
        continue;
      }
      before.set(task);
      boolean moved = end(task);
      if (!moved) {
        throw new IllegalStateException(plan.nameOf(task) + " has begun");
      }
    }
    before.stream().forEach(task -> state.outputs().release(task, false));
  }

  private boolean end(int task) {
    return state.states().move(task, TaskStates.FRESH, TaskStates.state(TaskStates.SUCCEEDED, 0));
  }

  @Override
  public boolean before(int task) {
    return before.get(task);
  }

  @Override
  public boolean reuses(int task) {
    return !before.get(task) && records.reuses(task);
  }

  @Override
  public boolean mayReuse(PlannedStage stage) {
    return undecided.get(stage.index());
  }

  @Override
  public boolean take(int task) {
    if (state.states().get(task) != TaskStates.FRESH) {
      return false;
    }
    state.outputs().put(task, records.take(task));
    if (!end(task)) {
      return false; // the run was stopped in this moment
    }
    state.outputs().release(task, true);
    ended.accept(task);
    return true;
  }

  @Override
  public String toString() {
    return "Resumption(" + before.cardinality() + " of " + plan.taskCount() + " tasks)";
  }
}
