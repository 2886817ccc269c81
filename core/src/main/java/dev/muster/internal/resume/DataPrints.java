package dev.muster.internal.resume;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Scope;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * What is known of the data of a plan before its tasks begin: which share of it each task has, and the states of its
 * files. Immutable and thread-safe.
 */
final class DataPrints {
  /** Up to so many files all tasks of a stage together look at once more. */
  private static final long MOST_LOOKS = 100_000;

  private final Plan plan;
  private final FileStates files;
  private final long[] partitions;
  private final long[] partitionStates;
  private final long[] datasets;
  private final long[] datasetStates;
  private final long[] wholeStates;

  private DataPrints(
      Plan plan,
      FileStates files,
      long[] partitions,
      long[] partitionStates,
      long[] datasets,
      long[] datasetStates,
      long[] wholeStates) {
    this.plan = plan;
    this.files = files;
    this.partitions = partitions;
    this.partitionStates = partitionStates;
    this.datasets = datasets;
    this.datasetStates = datasetStates;
    this.wholeStates = wholeStates;
  }

  /** Looks at the data of a plan. */
  static DataPrints of(Plan plan, FileStates files) {
    Hasher hasher = new Hasher();
    List<Dataset> all = plan.workflow().datasets();
    long[] names = new long[all.size()];
    long[] datasets = new long[all.size()];
    long[] datasetStates = new long[all.size()];
    for (int i = 0; i < all.size(); i++) {
      Dataset each = all.get(i);
      names[i] = hasher.add(each.name()).json(each.attributes()).end().high();
      hasher.add(names[i]).add(each.files().size());
      each.files().forEach(hasher::add);
      each.events().forEach(hasher::add);
      datasets[i] = hasher.end().high();
      hasher.add(datasets[i]);
      for (String file : each.files()) {
        hasher.add(files.data(file));
      }
      datasetStates[i] = hasher.end().high();
    }
    long[] partitions = new long[plan.partitionCount()];
    long[] partitionStates = new long[plan.partitionCount()];
    int dataset = -1;
    String name = "";
    for (int i = 0; i < partitions.length; i++) {
      Partition each = plan.partition(i);
      while (dataset < 0 || !name.equals(each.dataset())) {
        name = all.get(++dataset).name();
      }
      hasher.add(names[dataset]).add(each.index()).add(each.firstEvent()).add(each.events());
      each.files().forEach(hasher::add);
      partitions[i] = hasher.end().high();
      hasher.add(partitions[i]);
      for (String file : each.files()) {
        hasher.add(files.data(file));
      }
      partitionStates[i] = hasher.end().high();
    }
    long[] wholeStates = new long[plan.stages().size()];
    for (PlannedStage stage : plan.stages()) {
      if (stage.scope() == Scope.GLOBAL) {
        hasher.add("all");
        stage.datasets().forEach(each -> hasher.add(datasetStates[each]));
        wholeStates[stage.index()] = hasher.end().high();
      }
    }
    return new DataPrints(
        plan, files, partitions, partitionStates, datasets, datasetStates, wholeStates);
  }

  /** Returns which share of the data a task has, whatever state it is in. */
  long share(int task) {
    PlannedStage stage = plan.stageOf(task);
    return switch (stage.scope()) {
      case PARTITION -> partitions[plan.partitionIndexOf(task)];
      case DATASET -> datasets[plan.datasetIndexOf(task)] + plan.indexInDatasetOf(task);
      case GLOBAL -> 0;
    };
  }

  /** Returns the state of a task's share of the data. */
  long state(int task) {
    PlannedStage stage = plan.stageOf(task);
    return switch (stage.scope()) {
      case PARTITION -> partitionStates[plan.partitionIndexOf(task)];
      case DATASET -> datasetStates[plan.datasetIndexOf(task)];
      case GLOBAL -> wholeStates[stage.index()];
    };
  }

  /**
   * Returns the state of a task's share of the data as it is now. Tasks that wait for none have that of the beginning:
   * nothing of the run comes before them. Thread-safe.
   */
  long stateNow(int task, Hasher hasher) {
    return plan.stageOf(task).incoming().isEmpty()
        ? state(task)
        : state(task, hasher, files::again);
  }

  /**
   * Returns the state of a task's share of the data as it was at the beginning, but for files that the task itself has
   * made: those of its result that were not there count as they are now. Others it may only have passed on. Thread-safe.
   *
   * @param made the files of its result
   */
  long stateWith(int task, List<SavedFile> made, Hasher hasher) {
    if (!files.anyAbsent()) {
      return state(task);
    }
    Set<String> paths = new HashSet<>();
    made.forEach(each -> paths.add(each.path()));
    return state(task, hasher, name -> {
      Path file = files.wasAbsent(name) ? files.local(name) : null;
      boolean own = file != null && paths.contains(file.toString());
      return own ? files.again(name) : files.data(name);
    });
  }

  private long state(int task, Hasher hasher, ToLongFunction<String> look) {
    PlannedStage stage = plan.stageOf(task);
    return switch (stage.scope()) {
      case PARTITION -> {
        int index = plan.partitionIndexOf(task);
        List<String> own = plan.partition(index).files();
        yield states(partitions[index], own, partitionStates[index], hasher, look);
      }
      case DATASET -> {
        int index = plan.datasetIndexOf(task);
        List<String> own = plan.workflow().datasets().get(index).files();
        yield (long) own.size() * stage.taskCount() > MOST_LOOKS
            ? datasetStates[index]
            : states(datasets[index], own, datasetStates[index], hasher, look);
      }
      case GLOBAL -> whole(stage, hasher, look);
    };
  }

  private long whole(PlannedStage stage, Hasher hasher, ToLongFunction<String> look) {
    List<Integer> all = stage.datasets();
    long looks = 0;
    for (int each : all) {
      looks += plan.workflow().datasets().get(each).files().size();
    }
    if (looks > MOST_LOOKS) {
      return wholeStates[stage.index()];
    }
    long[] now = new long[all.size()];
    for (int i = 0; i < now.length; i++) {
      int each = all.get(i);
      List<String> own = plan.workflow().datasets().get(each).files();
      now[i] = states(datasets[each], own, datasetStates[each], hasher, look);
    }
    hasher.add("all");
    for (long each : now) {
      hasher.add(each);
    }
    return hasher.end().high();
  }

  /** Returns {@code before} if no file has another state than at the beginning. */
  private long states(
      long share, List<String> names, long before, Hasher hasher, ToLongFunction<String> look) {
    long[] states = new long[names.size()];
    boolean changed = false;
    for (int i = 0; i < states.length; i++) {
      states[i] = look.applyAsLong(names.get(i));
      changed |= states[i] != files.data(names.get(i));
    }
    if (!changed) {
      return before;
    }
    hasher.add(share);
    for (long each : states) {
      hasher.add(each);
    }
    return hasher.end().high();
  }
}
