package dev.muster.plan;

import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Workflow;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of a workflow's data, dataset after dataset. It keeps how many there are of each file or dataset; the
 * partitions themselves are made when they are asked for. Immutable and thread-safe.
 */
final class PartitionTable {
  private final List<Dataset> datasets;
  private final Partitioning partitioning;
  private final int[] offsets;
  private final int[] @Nullable [] fileOffsets;

  private PartitionTable(Workflow workflow, Findings findings) {
    datasets = workflow.datasets();
    partitioning = workflow.partitioning();
    offsets = new int[datasets.size() + 1];
    fileOffsets = new int[datasets.size()][];
    long next = 0;
    for (int d = 0; d < datasets.size(); d++) {
      long partitions = partitioning instanceof Partitioning.Events by
          ? cutByEvents(d, by.events(), findings)
          : cutByFiles(d, ((Partitioning.Files) partitioning).files());
      if (next + partitions > Plan.MAX_TASKS) {
        findings.problem(
            "data.partition",
            "data.partition",
            "dataset '" + datasets.get(d).name() + "' makes more than " + Plan.MAX_TASKS
                + " partitions",
            "ask for more files or events in each");
      } else {
        next += partitions;
      }
      offsets[d + 1] = (int) next;
    }
  }

  /** Cuts the data of a workflow; what is wrong with it is added to {@code findings}. */
  static PartitionTable cut(Workflow workflow, Findings findings) {
    Set<String> names = new HashSet<>();
    for (Dataset dataset : workflow.datasets()) {
      String name = dataset.name();
      if (!names.add(name)) {
        findings.problem(
            "dataset " + name, "data.datasets", "two datasets are named '" + name + "'", null);
      }
      if (dataset.files().isEmpty()) {
        findings.warning(
            "dataset " + name + ".files",
            "data.datasets",
            "dataset '" + name + "' has no files and makes no partition",
            null);
      }
    }
    return new PartitionTable(workflow, findings);
  }

  private long cutByFiles(int dataset, int size) {
    return ceilDiv(datasets.get(dataset).files().size(), size);
  }

  private long cutByEvents(int d, long size, Findings findings) {
    Dataset dataset = datasets.get(d);
    int files = dataset.files().size();
    if (dataset.events().isEmpty() && files > 0) {
      findings.problem(
          "dataset " + dataset.name(),
          "data.datasets",
          "dataset '" + dataset.name()
              + "' cannot be cut by events: it does not say how many it has",
          "give nevents, one number for each file, or partition by file");
      return 0;
    }
    int[] first = new int[files + 1];
    fileOffsets[d] = first;
    long next = 0;
    for (int f = 0; f < files; f++) {
      next += ceilDiv(dataset.events().get(f), size);
      if (next > Plan.MAX_TASKS) {
        return next;
      }
      first[f + 1] = (int) next;
    }
    return next;
  }

  private static long ceilDiv(long whole, long part) {
    return whole / part + (whole % part == 0 ? 0 : 1);
  }

  int size() {
    return offsets[datasets.size()];
  }

  /** Returns how many partitions a dataset has. */
  int count(int dataset) {
    return offsets[dataset + 1] - offsets[dataset];
  }

  /** Returns the number of a dataset's first partition among all. */
  int first(int dataset) {
    return offsets[dataset];
  }

  /** Returns a partition by its number among all. */
  Partition get(int index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException("partition " + index + " of " + size());
    }
    int dataset = Blocks.blockOf(offsets, index);
    return get(dataset, index - offsets[dataset]);
  }

  /** Returns a partition by its number within its dataset. */
  Partition get(int d, int inDataset) {
    Dataset dataset = datasets.get(d);
    int index = offsets[d] + inDataset;
    List<String> files = dataset.files();
    if (partitioning instanceof Partitioning.Files by) {
      int from = inDataset * by.files();
      int to = (int) Math.min(files.size(), (long) from + by.files());
      return new Partition(index, dataset.name(), files.subList(from, to), 0, -1);
    }
    long size = ((Partitioning.Events) partitioning).events();
    int[] first = fileOffsets[d];
    if (first == null) {
      throw new IllegalStateException("dataset " + dataset.name() + " is not cut by events");
    }
    int file = Blocks.blockOf(first, inDataset);
    long from = (inDataset - first[file]) * size;
    long events = Math.min(size, dataset.events().get(file) - from);
    return new Partition(index, dataset.name(), List.of(files.get(file)), from, events);
  }
}
