package dev.muster.internal.resume;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a resumed run does with each task: decided from the plan and the records alone, from the results that are wanted
 * backwards. Nothing is started, and of files only those are looked at that belong to a result that something needs.
 * Not thread-safe.
 */
public final class ResumePlan {
  /** What becomes of a task. */
  public enum Verdict {
    /** Its result of an earlier run is taken. */
    REUSE,
    /** It runs. */
    RUN,
    /** It runs unless the tasks before it, which run, give what they gave before. */
    RUN_IF_CHANGED,
    /** Nothing that runs reads it. */
    NOT_NEEDED
  }

  private static final byte CLEAN = 0;
  private static final byte DIRTY = 1;
  private static final byte OPEN = 2;

  private static final byte UNASKED = 0;
  private static final byte THERE = 1;
  private static final byte GONE = 2;

  private final Plan plan;
  private final TaskKeys keys;
  private final RecordTable records;
  private final boolean keepAll;
  private final TaskValues values;
  private final int[] recordOf;
  private final byte[] state;
  private final byte[] there;
  private final BitSet keyed = new BitSet();
  private final BitSet stale = new BitSet();
  private final BitSet again = new BitSet();
  private final BitSet needed = new BitSet();
  private final Hasher hasher = new Hasher();
  private final CodeStates codes = new CodeStates();

  private ResumePlan(Plan plan, TaskKeys keys, RecordTable records, boolean keepAll) {
    this.plan = plan;
    this.keys = keys;
    this.records = records;
    this.keepAll = keepAll;
    values = new TaskValues(plan.taskCount());
    recordOf = new int[plan.taskCount()];
    state = new byte[plan.taskCount()];
    there = new byte[plan.taskCount()];
  }

  /**
   * Decides.
   *
   * @param keepAll whether the results of all tasks are wanted, not only those that nothing reads
   */
  static ResumePlan of(Plan plan, TaskKeys keys, RecordTable records, boolean keepAll) {
    ResumePlan made = new ResumePlan(plan, keys, records, keepAll);
    made.find();
    List<PlannedStage> order = plan.stagesInOrder();
    int before;
    do { // what has to run again makes its readers uncertain, which may need more
      before = made.again.cardinality();
      order.forEach(made::forward);
      made.needed.clear();
      for (int i = order.size() - 1; i >= 0; i--) {
        made.backward(order.get(i));
      }
    } while (made.again.cardinality() > before);
    return made;
  }

  private void find() {
    for (PlannedStage stage : plan.stages()) {
      int end = stage.firstTask() + stage.taskCount();
      for (int task = stage.firstTask(); task < end; task++) {
        recordOf[task] =
            records.find(stage.id(), datasetOf(plan, task), plan.indexInDatasetOf(task));
      }
    }
  }

  /** Returns the name of a task's dataset, empty for a task that stands for everything. */
  static String datasetOf(Plan plan, int task) {
    int dataset = plan.datasetIndexOf(task);
    return dataset < 0 ? "" : plan.workflow().datasets().get(dataset).name();
  }

  private void forward(PlannedStage stage) {
    StagePrint print = keys.print(stage);
    int last = -1; // neighbours were mostly written with the same print
    boolean same = false;
    int end = stage.firstTask() + stage.taskCount();
    for (int task = stage.firstTask(); task < end; task++) {
      int id = recordOf[task];
      if (print.never() != null || id < 0 || keys.data(task) != records.data(id)) {
        state[task] = DIRTY;
        continue;
      }
      if (records.printNumber(id) != last) {
        last = records.printNumber(id);
        same = records.print(id).parts().equals(print.parts());
      }
      boolean certain = same && (!print.told() || codes.change(records.code(id)) == null);
      state[task] = certain ? afterInputs(stage, task, id) : DIRTY;
    }
  }

  private byte afterInputs(PlannedStage stage, int task, int id) {
    int local = task - stage.firstTask();
    byte[] worst = {CLEAN};
    for (Link link : stage.incoming()) {
      int first = plan.stages().get(link.producer()).firstTask();
      boolean ordering = link.inputs().isEmpty();
      link.dependencies(local, (from, to) -> {
        for (int producer = first + from; producer < first + to && worst[0] != DIRTY; producer++) {
          if (state[producer] != CLEAN || again.get(producer)) {
            boolean certain = runs(producer) && (ordering || neverSame(producer));
            worst[0] = certain ? DIRTY : OPEN;
          }
        }
      });
    }
    if (worst[0] != CLEAN) {
      return worst[0];
    }
    if (!keyed.get(task)) { // the records of the tasks before it do not change
      keys.key(task, values, hasher);
      keyed.set(task);
      if (records.hasKey(id, hasher)) {
        records.copy(id, task, values);
      } else {
        stale.set(task);
      }
    }
    return stale.get(task) ? DIRTY : CLEAN;
  }

  /** Tells whether a task that runs is known to give another result, as far as can be known. */
  private boolean neverSame(int task) {
    int id = recordOf[task];
    return keys.print(plan.stageOf(task)).never() != null || (id >= 0 && records.opaque(id));
  }

  private boolean runs(int task) {
    return state[task] == DIRTY || again.get(task);
  }

  private void backward(PlannedStage stage) {
    int end = stage.firstTask() + stage.taskCount();
    for (int task = stage.firstTask(); task < end; task++) {
      if (state[task] == CLEAN && !again.get(task)) {
        if (!needed.get(task) && !wanted(stage, task)) {
          continue;
        }
        needed.set(task);
        if (reusable(task)) {
          continue;
        }
        again.set(task);
      }
      needed.set(task);
      int local = task - stage.firstTask();
      for (Link link : stage.incoming()) {
        if (link.inputs().isEmpty()) {
          continue;
        }
        int first = plan.stages().get(link.producer()).firstTask();
        link.dependencies(local, (from, to) -> needed.set(first + from, first + to));
      }
    }
  }

  private boolean wanted(PlannedStage stage, int task) {
    if (keepAll) {
      return true;
    }
    for (Link link : stage.outgoing()) {
      if (!link.inputs().isEmpty() && link.dependentCount(task - stage.firstTask()) > 0) {
        return false;
      }
    }
    return true;
  }

  /** Tells whether the result in a task's record can be taken. */
  private boolean reusable(int task) {
    if (there[task] == UNASKED) {
      int id = recordOf[task];
      there[task] = records.kept(id) && records.isThere(id) ? THERE : GONE;
    }
    return there[task] == THERE;
  }

  /** Returns what becomes of a task. */
  public Verdict verdict(int task) {
    if (state[task] == OPEN && !again.get(task)) {
      return Verdict.RUN_IF_CHANGED;
    }
    if (runs(task)) {
      return Verdict.RUN;
    }
    return needed.get(task) ? Verdict.REUSE : Verdict.NOT_NEEDED;
  }

  /** Returns the number of a task's record, or a negative number if it has none. */
  int record(int task) {
    return recordOf[task];
  }

  /** Returns in one line how many tasks have each verdict. */
  public String summary() {
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    for (int task = 0; task < plan.taskCount(); task++) {
      counts.merge(verdict(task), 1, Integer::sum);
    }
    return "this run goes on from an earlier one: of " + plan.taskCount() + " tasks, "
        + counts.getOrDefault(Verdict.REUSE, 0) + " are reused, "
        + counts.getOrDefault(Verdict.NOT_NEEDED, 0) + " are not needed, "
        + counts.getOrDefault(Verdict.RUN, 0) + " run, and "
        + counts.getOrDefault(Verdict.RUN_IF_CHANGED, 0) + " run if what they read changes";
  }

  /** Tells whether nothing says how a task has ended, of one whose results can be kept. */
  public boolean isNew(int task) {
    return keys.print(plan.stageOf(task)).never() == null && recordOf[task] < 0;
  }

  /** Returns why a task runs or may run, as one short text. */
  public String reason(int task) {
    PlannedStage stage = plan.stageOf(task);
    StagePrint print = keys.print(stage);
    int id = recordOf[task];
    if (print.never() != null) {
      return print.never();
    }
    if (id < 0) {
      return id == RecordTable.FAILED
          ? "it failed"
          : id == RecordTable.GONE ? "it was interrupted" : "it never ran";
    }
    List<String> changes = print.changes(records.print(id));
    if (!changes.isEmpty()) {
      return changes.get(0) + " changed"
          + (changes.size() == 1 ? "" : " (and " + (changes.size() - 1) + " more)");
    }
    String code = print.told() ? codes.change(records.code(id)) : null;
    if (code != null) {
      return code;
    }
    if (keys.data(task) != records.data(id)) {
      return "its data changed";
    }
    if (again.get(task)) {
      return records.kept(id)
          ? "a file of its output is gone"
          : records.stayed(id)
              ? "its output stayed on its worker, and what reads it runs"
              : "its output was not kept";
    }
    return inputs(stage, task);
  }

  private String inputs(PlannedStage stage, int task) {
    int local = task - stage.firstTask();
    for (Link link : stage.incoming()) {
      PlannedStage producer = plan.stages().get(link.producer());
      boolean[] open = new boolean[1];
      link.dependencies(local, (from, to) -> {
        for (int i = producer.firstTask() + from; i < producer.firstTask() + to; i++) {
          open[0] |= state[i] != CLEAN || again.get(i);
        }
      });
      if (open[0]) {
        return state[task] == OPEN ? "if " + producer.id() + " changes" : producer.id() + " runs";
      }
    }
    return "what it reads changed";
  }
}
