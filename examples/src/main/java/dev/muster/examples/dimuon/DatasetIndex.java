package dev.muster.examples.dimuon;

import com.google.common.primitives.ImmutableIntArray;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the events of a dataset are, and which of them are worth reading.
 *
 * <p>Immutable and thread-safe.
 *
 * @param dataset the dataset's name
 * @param files its files
 */
record DatasetIndex(String dataset, List<FileIndex> files) {
  DatasetIndex {
    files = List.copyOf(files);
  }

  /** Returns the integrated luminosity in 1/pb that all events together stand for. */
  double luminosity() {
    return files.stream().mapToDouble(FileIndex::luminosity).sum();
  }

  /** Returns how many events there are. */
  long events() {
    return files.stream().mapToLong(FileIndex::events).sum();
  }

  /**
   * Returns the index of one file.
   *
   * @throws IllegalArgumentException if it is not in the index
   */
  FileIndex file(Path path) {
    for (FileIndex file : files) {
      if (file.path().equals(path)) {
        return file;
      }
    }
    throw new IllegalArgumentException(
        path + " is not in the index of " + dataset + "; does BuildIndex read the same files?");
  }

  /**
   * The index of one file.
   *
   * @param path the file
   * @param luminosity the integrated luminosity in 1/pb that its events stand for
   * @param events how many events it has
   * @param blocks runs of events that are read and checked as one
   */
  record FileIndex(Path path, double luminosity, int events, List<Block> blocks) {
    FileIndex {
      blocks = List.copyOf(blocks);
    }
  }

  /**
   * Some events that follow each other.
   *
   * @param offset where they start, in bytes
   * @param length how long they are, in bytes
   * @param checksum the CRC-32C of these bytes
   * @param hardest the largest transverse momentum of a muon among the opposite-charge pairs, in GeV; 0 if there is no
   *     such pair
   * @param oppositeCharge where the events with two muons of opposite charge start, in bytes from {@code offset}
   */
  record Block(
      long offset, int length, int checksum, double hardest, ImmutableIntArray oppositeCharge) {}
}
