package dev.muster.internal.resume;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Scope;
import java.util.List;

/**
 * What is known of the data of a plan before its tasks begin: which share of it each task has, and the states of its
 * files. Immutable and thread-safe.
 */
final class DataPrints {
  private final Plan plan;
  private final long[] partitions;
  private final long[] partitionStates;
  private final long[] datasets;
  private final long[] datasetStates;
  private final long[] wholeStates;

  private DataPrints(
      Plan plan,
      long[] partitions,
      long[] partitionStates,
      long[] datasets,
      long[] datasetStates,
      long[] wholeStates) {
    this.plan = plan;
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
    return new DataPrints(plan, partitions, partitionStates, datasets, datasetStates, wholeStates);
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
}
