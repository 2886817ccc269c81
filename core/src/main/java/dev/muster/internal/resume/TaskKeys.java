package dev.muster.internal.resume;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.util.List;

/**
 * The keys of a plan's tasks: hashes of all that makes their results. Two tasks of one name and one key have the same
 * result, as far as a run can know. Immutable and thread-safe.
 */
final class TaskKeys {
  private final Plan plan;
  private final List<StagePrint> prints;
  private final long[] codeHigh;
  private final long[] codeLow;
  private final DataPrints data;

  TaskKeys(Plan plan, List<StagePrint> prints, DataPrints data) {
    this.plan = plan;
    this.prints = List.copyOf(prints);
    this.data = data;
    codeHigh = new long[prints.size()];
    codeLow = new long[prints.size()];
    Hasher hasher = new Hasher();
    for (int i = 0; i < prints.size(); i++) {
      prints.get(i).hash(hasher);
      hasher.end();
      codeHigh[i] = hasher.high();
      codeLow[i] = hasher.low();
    }
  }

  /** Returns the keys that tasks have where stages have other prints. */
  TaskKeys with(List<StagePrint> others) {
    return new TaskKeys(plan, others, data);
  }

  /** Returns the common parts of the tasks of all stages. */
  List<StagePrint> prints() {
    return prints;
  }

  /** Returns the common part of a stage's tasks. */
  StagePrint print(PlannedStage stage) {
    return prints.get(stage.index());
  }

  /** Returns the state of the data that a task has a share in. */
  long data(int task) {
    return data.state(task);
  }

  /** Returns the state of that data as it is now, as {@link DataPrints#stateNow} does. */
  long dataNow(int task, Hasher hasher) {
    return data.stateNow(task, hasher);
  }

  /** Returns the state of that data where the task has made some of it, as {@link DataPrints#stateWith} does. */
  long dataWith(int task, List<SavedFile> made, Hasher hasher) {
    return data.stateWith(task, made, hasher);
  }

  /** Computes the key of a task from the results that it reads, and leaves it in the hasher. */
  void key(int task, TaskValues values, Hasher hasher) {
    key(task, data.state(task), values, hasher);
  }

  /** Computes the key of a task as {@link #key(int, TaskValues, Hasher)} does, with another state of its data. */
  void key(int task, long dataState, TaskValues values, Hasher hasher) {
    PlannedStage stage = plan.stageOf(task);
    int local = task - stage.firstTask();
    hasher.add(codeHigh[stage.index()]).add(codeLow[stage.index()]);
    hasher.add(data.share(task)).add(dataState);
    for (int i = 0; i < stage.incoming().size(); i++) {
      Link link = stage.incoming().get(i);
      PlannedStage producer = plan.stages().get(link.producer());
      hasher.add(link.dependencyCount(local));
      int near = link.firstDependency(local);
      if (near >= 0) {
        int from = producer.firstTask() + near;
        inputs(link, from, from + link.dependencyCount(local), values, hasher);
      } else {
        int first = producer.firstTask();
        link.dependencies(
            local, (from, to) -> inputs(link, first + from, first + to, values, hasher));
      }
    }
    hasher.end();
  }

  private void inputs(Link link, int from, int to, TaskValues values, Hasher hasher) {
    for (int producer = from; producer < to; producer++) {
      if (link.inputs().isEmpty()) { // what else it has done is not known: each execution counts
        hasher.add(values.execution(producer));
      } else {
        // Both are 0 of a task without an output, which only stages read that tolerate it.
        hasher.add(values.high(producer)).add(values.low(producer));
        hasher.add(data.share(producer));
      }
    }
  }
}
