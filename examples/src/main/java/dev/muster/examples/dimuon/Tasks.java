package dev.muster.examples.dimuon;

import dev.muster.workflow.Dataset;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** What several operations ask of their task. Thread-safe. */
final class Tasks {
  private Tasks() {}

  /** Returns the files of the task's partition, absolute. */
  static List<Path> files(OperationContext context) {
    Partition partition = context.partition();
    if (partition == null) {
      throw new IllegalStateException(
          "stage " + context.stage().id() + " works on files; give it the scope partition");
    }
    if (partition.firstEvent() != 0 || partition.events() >= 0) {
      throw new IllegalStateException(
          "stage " + context.stage().id() + " takes whole files; partition the data by file");
    }
    List<Path> files = new ArrayList<>();
    for (String file : partition.files()) {
      files.add(context.baseDirectory().resolve(file).toAbsolutePath().normalize());
    }
    return files;
  }

  /** Returns the task's dataset. */
  static Dataset dataset(OperationContext context) {
    return present(context, context.dataset());
  }

  /** Returns the datasets that the items of an input belong to. */
  static List<Dataset> datasets(OperationContext context, String input) {
    List<Dataset> datasets = new ArrayList<>();
    for (Dataset dataset : context.inputDatasets(input)) {
      datasets.add(present(context, dataset));
    }
    return datasets;
  }

  /** Returns the items of an input as {@code type}. */
  static <T> List<T> inputs(OperationContext context, String input, Class<T> type) {
    List<T> items = new ArrayList<>();
    for (Object item : context.inputs(input)) {
      items.add(type.cast(item));
    }
    return items;
  }

  /** Tells whether a dataset is measured rather than simulated. */
  static boolean isData(Dataset dataset) {
    return "data".equals(dataset.attributes().get("eventtype"));
  }

  /** Returns an attribute of a dataset as text, or {@code fallback}. */
  static String attribute(Dataset dataset, String name, String fallback) {
    Object value = dataset.attributes().get(name);
    return value == null ? fallback : value.toString();
  }

  /** Ends a task that nobody waits for any more. */
  static void stopIfCancelled(OperationContext context) {
    if (context.cancelled()) {
      throw new CancellationException("stage " + context.stage().id() + " was cancelled");
    }
  }

  private static Dataset present(OperationContext context, @Nullable Dataset dataset) {
    if (dataset == null) {
      throw new IllegalStateException(
          "stage " + context.stage().id() + " needs a dataset; add data to the workflow");
    }
    return dataset;
  }
}
