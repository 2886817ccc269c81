package dev.muster.batch.backend;

import dev.muster.execution.Pool;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a pool: how many there are, and how many there may be. Guarded by the {@link Work} that it belongs to,
 * but for what is final.
 */
final class PoolJobs {
  final Pool pool;
  final PoolOptions options;
  private final BitSet places = new BitSet();
  private int open;
  private int ceiling = Integer.MAX_VALUE;
  private int copies = Integer.MAX_VALUE;

  /**
   * Until when nothing is submitted, as {@link System#nanoTime()} tells it, and since when that is so; null for no
   * pause.
   */
  @Nullable
  Long pausedUntil;

  @Nullable
  Long failingSince;

  PoolJobs(Pool pool, PoolOptions options) {
    this.pool = pool;
    this.options = options;
  }

  /** Returns how many more jobs may be submitted now. */
  int room() {
    return Math.max(0, Math.min(Math.min(options.most(), ceiling) - open, copies));
  }

  /** Returns how full it is: jobs for each one that there may be. */
  double load(int queued) {
    return (open + (double) queued) / options.most();
  }

  int open() {
    return open;
  }

  /** Takes places for jobs, the lowest that are free: they are the numbers of their workers. */
  int[] take(int jobs) {
    int[] taken = new int[jobs];
    for (int i = 0; i < jobs; i++) {
      taken[i] = places.nextClearBit(0);
      places.set(taken[i]);
    }
    open += jobs;
    return taken;
  }

  /** Gives a place back: its job is over. */
  void release(int place) {
    places.clear(place);
    open--;
  }

  /** Learns that the batch system takes no more jobs for now, or not so many at once. */
  void limited(int jobs) {
    if (jobs > 1) {
      copies = Math.max(1, jobs / 2);
    } else {
      ceiling = Math.max(1, open);
    }
  }

  /** Learns that the batch system took jobs. */
  void accepted(int jobs) {
    failingSince = null;
    pausedUntil = null;
    if (copies != Integer.MAX_VALUE && jobs >= copies) {
      copies = copies > Integer.MAX_VALUE / 2 ? Integer.MAX_VALUE : copies * 2;
    }
    if (ceiling != Integer.MAX_VALUE) {
      ceiling += jobs;
    }
  }

  /** Returns the name of the worker that a job stands for. */
  String worker(int place) {
    return pool.name() + "-" + place;
  }
}
