package dev.muster.batch.backend;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * One submission: jobs that are copies of one, and their tasks. Job {@code j} has the tasks {@code each * j} and
 * those after it. What is not final is guarded by its {@link Work}.
 */
final class Array {
  final int number;
  final Lane lane;
  final Path folder;
  final int each;
  final int[] tasks;
  final int[] attempts;
  final int[] places;

  /** When the first of its tasks became ready, as {@link System#nanoTime()} tells it. */
  final long came;

  /** Where it is written down. */
  final JobRecord record;

  /** Whether an earlier process of the run submitted it. */
  final boolean earlier;

  /** How many of its jobs are not over. */
  int open;

  /**
   * @param number of the submission in its session
   * @param lane where its tasks waited
   * @param folder its folder
   * @param each how many tasks a job has; the last may have fewer
   * @param came when the first of its tasks became ready, as {@link System#nanoTime()} tells it
   * @param places the numbers of the workers that the jobs stand for
   * @param record where it is written down
   * @param earlier whether an earlier process of the run submitted it
   */
  Array(
      int number,
      Lane lane,
      Path folder,
      int each,
      int[] tasks,
      int[] attempts,
      int[] places,
      long came,
      JobRecord record,
      boolean earlier) {
    this.record = record;
    this.earlier = earlier;
    this.number = number;
    this.lane = lane;
    this.folder = folder;
    this.each = each;
    this.tasks = tasks;
    this.attempts = attempts;
    this.places = places;
    this.came = came;
    this.open = places.length;
  }

  /** Returns how many jobs it has. */
  int jobs() {
    return places.length;
  }

  PoolJobs pool() {
    return lane.pool;
  }

  /**
   * Returns it with some of its tasks.
   *
   * @param good the places of these
   * @param jobs how many jobs they make
   */
  Array only(List<Integer> good, int jobs) {
    return new Array(
        number,
        lane,
        folder,
        each,
        good.stream().mapToInt(i -> tasks[i]).toArray(),
        good.stream().mapToInt(i -> attempts[i]).toArray(),
        Arrays.copyOf(places, jobs),
        came,
        record,
        earlier);
  }
}
