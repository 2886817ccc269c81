package dev.muster.workflow;

import java.util.List;

/**
 * A share of a dataset: some files, or a range of events of one file.
 *
 * <p>Immutable and thread-safe.
 *
 * @param index its number among all partitions of the workflow, from 0
 * @param dataset the dataset's name
 * @param files its files
 * @param firstEvent the first event, from 0; 0 where whole files are meant
 * @param events how many events, or -1 for all of the files
 * @since 0.1
 */
public record Partition(
    int index, String dataset, List<String> files, long firstEvent, long events) {
  public Partition {
    files = List.copyOf(files);
  }
}
