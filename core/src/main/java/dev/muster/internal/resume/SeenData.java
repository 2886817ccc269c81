package dev.muster.internal.resume;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The state of each task's data as the task saw it, where that is not as it was when the run began. Thread-safe. */
final class SeenData {
  private final TaskKeys keys;
  private final Map<Integer, Long> changed = new ConcurrentHashMap<>();
  private volatile @Nullable Long lastChange;

  SeenData(TaskKeys keys) {
    this.keys = keys;
  }

  /** Looks at the data of a task that is about to begin. */
  void look(int task, Hasher hasher) {
    long data = keys.dataNow(task, hasher);
    if (data != keys.data(task)) { // the run has made it
      changed.put(task, data);
      lastChange = System.nanoTime();
    }
  }

  /** Returns the state of the data of a task that has begun. */
  long of(int task) {
    Long seen = changed.get(task);
    return seen == null ? keys.data(task) : seen;
  }

  /**
   * Returns the state of the data of a task that has ended.
   *
   * @param made the files of its result
   */
  long ended(int task, List<SavedFile> made, Hasher hasher) {
    Long seen = changed.remove(task);
    if (seen != null || made.isEmpty()) {
      return seen == null ? keys.data(task) : seen;
    }
    long data = keys.dataWith(task, made, hasher);
    if (data != keys.data(task)) {
      lastChange = System.nanoTime();
    }
    return data;
  }

  /** Waits until whoever changes the data gives it another time than the one that was seen. */
  void settle() {
    Long last = lastChange;
    if (last != null) {
      FileStates.settle(last);
    }
  }
}
