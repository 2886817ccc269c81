package dev.muster.internal.resume;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Copies records of other runs into those of a run that takes their results: a later one goes on from it alone. */
final class BroughtRecords {
  private final Plan plan;
  private final TaskKeys keys;
  private final RecordWriter writer;
  private final ResumePlan from;

  BroughtRecords(Plan plan, TaskKeys keys, RecordWriter writer, ResumePlan from) {
    this.plan = plan;
    this.keys = keys;
    this.writer = writer;
    this.from = from;
  }

  /** Copies those of all tasks that certainly need not run. */
  void all() throws IOException {
    Hasher hasher = new Hasher();
    for (PlannedStage stage : plan.stagesInOrder()) {
      int end = stage.firstTask() + stage.taskCount();
      for (int task = stage.firstTask(); task < end; task++) {
        ResumePlan.Verdict verdict = from.verdict(task);
        if (from.isOthers(task)
            && (verdict == ResumePlan.Verdict.REUSE || verdict == ResumePlan.Verdict.NOT_NEEDED)) {
          one(task, from.values(), hasher);
        }
      }
    }
    writer.flush();
  }

  /**
   * Copies that of one task.
   *
   * @param known what is known of its result and of those that it reads
   */
  void one(int task, TaskValues known, Hasher hasher) throws IOException {
    RecordTable records = from.table(task);
    int id = from.record(task);
    RecordTable.Result result = records.result(id);
    keys.key(task, records.data(id), known, hasher);
    writer.task(
        keys.print(plan.stageOf(task)),
        dataset(plan, task),
        plan.indexInDatasetOf(task),
        records.code(id),
        records.data(id),
        hasher,
        known,
        task,
        records.flags(id),
        result.files(),
        result.value(),
        result.value().length);
  }

  /** Returns the name of a task's dataset, or null for a task that stands for everything. */
  static @Nullable String dataset(Plan plan, int task) {
    int dataset = plan.datasetIndexOf(task);
    return dataset < 0 ? null : plan.workflow().datasets().get(dataset).name();
  }
}
