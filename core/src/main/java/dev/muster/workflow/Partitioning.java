package dev.muster.workflow;

/**
 * How datasets are cut into partitions.
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
public sealed interface Partitioning {
  /**
   * A number of whole files to a partition.
   *
   * @param files how many, 1 or more
   */
  record Files(int files) implements Partitioning {
    public Files {
      if (files < 1) {
        throw new IllegalArgumentException("a partition needs at least 1 file, got " + files);
      }
    }
  }

  /**
   * A number of events of one file to a partition; needs datasets that say how many events their files hold.
   *
   * @param events how many at most, 1 or more
   */
  record Events(long events) implements Partitioning {
    public Events {
      if (events < 1) {
        throw new IllegalArgumentException("a partition needs at least 1 event, got " + events);
      }
    }
  }

  /** Returns one file to a partition, the default. */
  static Partitioning byFile() {
    return new Files(1);
  }
}
