package dev.muster.internal.resume;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.util.Arrays;
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
  private final List<OtherRun> others;
  private final boolean keepAll;
  private final TaskValues values;
  private final int[] recordOf;
  private final byte[] runOf; // whose record it is: 0 for this run's own
  private final byte[] state;
  private final byte[] there;
  private final BitSet keyed = new BitSet();
  private final BitSet stale = new BitSet();
  private final BitSet again = new BitSet();
  private final BitSet needed = new BitSet();
  private final Hasher hasher = new Hasher();
  private final CodeStates codes = new CodeStates();
  private int lastPrint; // neighbours were mostly written with the same print
  private boolean samePrint;

  private ResumePlan(
      Plan plan, TaskKeys keys, RecordTable records, List<OtherRun> others, boolean keepAll) {
    this.plan = plan;
    this.keys = keys;
    this.records = records;
    this.others = others;
    this.keepAll = keepAll;
    values = new TaskValues(plan.taskCount());
    recordOf = new int[plan.taskCount()];
    runOf = new byte[others.isEmpty() ? 0 : plan.taskCount()];
    state = new byte[plan.taskCount()];
    there = new byte[plan.taskCount()];
  }

  /**
   * Decides.
   *
   * @param others other runs, for tasks of which this one's records say nothing that is still true
   * @param keepAll whether the results of all tasks are wanted, not only those that nothing reads
   */
  static ResumePlan of(
      Plan plan, TaskKeys keys, RecordTable records, List<OtherRun> others, boolean keepAll) {
    ResumePlan made = new ResumePlan(plan, keys, records, List.copyOf(others), keepAll);
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
    int end = stage.firstTask() + stage.taskCount();
    if (keys.print(stage).never() != null) {
      Arrays.fill(state, stage.firstTask(), end, DIRTY);
      return;
    }
    lastPrint = -1;
    for (int task = stage.firstTask(); task < end; task++) {
      state[task] = judge(stage, task);
      if (state[task] == DIRTY && runOf.length > 0 && runOf[task] == 0) {
        askOthers(stage, task);
      }
    }
  }

  private void askOthers(PlannedStage stage, int task) {
    int own = recordOf[task];
    boolean wasStale = stale.get(task);
    for (int i = 0; i < others.size(); i++) {
      recordOf[task] = others
          .get(i)
          .table()
          .find(stage.id(), datasetOf(plan, task), plan.indexInDatasetOf(task));
      runOf[task] = (byte) (i + 1);
      lastPrint = -1;
      keyed.clear(task);
      stale.clear(task);
      state[task] = judge(stage, task);
      if (state[task] != DIRTY && others.get(i).trusts(recordOf[task])) {
        return;
      }
    }
    state[task] = DIRTY;
    recordOf[task] = own;
    runOf[task] = 0;
    lastPrint = -1;
    keyed.set(task, wasStale);
    stale.set(task, wasStale);
  }

  private byte judge(PlannedStage stage, int task) {
    int id = recordOf[task];
    RecordTable table = table(task);
    if (id < 0 || keys.data(task) != table.data(id)) {
      return DIRTY;
    }
    StagePrint print = keys(task).print(stage);
    if (table.printNumber(id) != lastPrint) {
      lastPrint = table.printNumber(id);
      samePrint = table.print(id).parts().equals(print.parts());
    }
    boolean certain = samePrint && (!print.told() || codes.change(table.code(id)) == null);
    return certain ? afterInputs(stage, task, id) : DIRTY;
  }

  /** Returns the records among which that of a task is. */
  RecordTable table(int task) {
    return isOthers(task) ? others.get(runOf[task] - 1).table() : records;
  }

  /** Returns the keys that tasks have in the run whose record a task has. */
  TaskKeys keys(int task) {
    return isOthers(task) ? others.get(runOf[task] - 1).keys() : keys;
  }

  /** Tells whether the record of a task is another run's. */
  boolean isOthers(int task) {
    return runOf.length > 0 && runOf[task] > 0;
  }

  /** Returns what is known of the results of tasks that are as they were. */
  TaskValues values() {
    return values;
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
      keys(task).key(task, values, hasher);
      keyed.set(task);
      if (table(task).hasKey(id, hasher)) {
        table(task).copy(id, task, values);
      } else {
        stale.set(task);
      }
    }
    return stale.get(task) ? DIRTY : CLEAN;
  }

  /** Tells whether a task that runs is known to give another result, as far as can be known. */
  private boolean neverSame(int task) {
    int id = recordOf[task];
    return keys.print(plan.stageOf(task)).never() != null
        || (id >= 0 && table(task).opaque(id));
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
      there[task] = table(task).kept(id) && table(task).isThere(id) ? THERE : GONE;
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
    StagePrint print = keys(task).print(stage);
    RecordTable table = table(task);
    int id = recordOf[task];
    if (print.never() != null) {
      return print.never();
    }
    if (id < 0) {
      return id == RecordTable.FAILED
          ? "it failed"
          : id == RecordTable.GONE ? "it was interrupted" : "it never ran";
    }
    List<String> changes = print.changes(table.print(id));
    if (!changes.isEmpty()) {
      return changes.get(0) + " changed"
          + (changes.size() == 1 ? "" : " (and " + (changes.size() - 1) + " more)");
    }
    String code = print.told() ? codes.change(table.code(id)) : null;
    if (code != null) {
      return code;
    }
    if (keys.data(task) != table.data(id)) {
      return "its data changed";
    }
    if (again.get(task)) {
      return table.kept(id)
          ? "a file of its output is gone"
          : table.stayed(id)
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
