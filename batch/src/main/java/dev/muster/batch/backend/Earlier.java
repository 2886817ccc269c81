package dev.muster.batch.backend;

import dev.muster.spi.ResultKeys;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What earlier processes of the run have left: jobs that may be in the batch system, and what jobs have told. A task's
 * place in the last of its jobs is taken once, when the task is ready. Guarded by the {@link Work} that it belongs to.
 */
final class Earlier {
  private final Map<Integer, Place> places = new HashMap<>();
  private final Set<Job> open = new LinkedHashSet<>();
  private final @Nullable ResultKeys keys;

  /**
   * @param keys what is known of the results that tasks will give, or null: then no place is that of a result
   */
  Earlier(@Nullable ResultKeys keys) {
    this.keys = keys;
  }

  /**
   * The place of a task in a job.
   *
   * @param key what stood for all that made its result when the job was submitted, or null if that was not known
   * @param controller the process of the run that submitted the job
   */
  record Place(Job job, int place, @Nullable String key, int controller) {}

  /** Adds a task's place in a job; it counts in the stead of one in an earlier job. */
  void add(int task, Place place) {
    places.put(task, place);
  }

  /** Adds a job that may be in the batch system. */
  void open(Job job) {
    open.add(job);
  }

  Set<Job> jobs() {
    return open;
  }

  /** Tells whether no task has a place. */
  boolean isEmpty() {
    return places.isEmpty();
  }

  /** Returns those tasks that have a place. */
  int[] placed(int[] tasks, int count) {
    return places.isEmpty()
        ? new int[0]
        : Arrays.stream(tasks, 0, count).filter(places::containsKey).toArray();
  }

  /** Returns what stands for all that makes the results of tasks that are ready, as far as that is known. */
  Map<Integer, String> keys(int[] tasks) {
    Map<Integer, String> known = new HashMap<>();
    if (tasks.length > 0 && keys != null) {
      List<@Nullable String> found = keys.keys(tasks);
      for (int i = 0; i < tasks.length; i++) {
        String key = found.get(i);
        if (key != null) {
          known.put(tasks[i], key);
        }
      }
    }
    return known;
  }

  /** Tells whether the job at a task's place gives what the task would give now. */
  boolean isSame(int task, @Nullable String key, Place place) {
    return key != null
        && key.equals(place.key())
        && keys != null
        && keys.isNew(task, place.controller());
  }

  /** Returns the place of a task, the first time; null if it has none. */
  @Nullable
  Place take(int task) {
    return places.remove(task);
  }

  /** Tells whether a task of a job may yet be taken. */
  boolean wanted(Job job) {
    for (int place = 0; place < job.tasks(); place++) {
      int task = job.task(place);
      Place known = task < 0 ? null : places.get(task);
      if (job.claimed(place) || (known != null && known.job() == job)) {
        return true;
      }
    }
    return false;
  }
}
