package dev.muster.internal.engine;

import dev.muster.plan.PlannedStage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of some tasks only: their diagnostics, and the pools of workers where the plan leaves a choice.
 * Thread-safe.
 */
final class TaskNotes {
  /** The most bytes that the diagnostics of a task take together. */
  static final int MOST_BYTES = 64 * 1024;

  private static final String MORE = "(more)";

  private final Map<Integer, Noted> diagnostics = new ConcurrentHashMap<>();
  private final Map<String, String> poolOfWorker = new ConcurrentHashMap<>();

  void worker(PlannedStage stage, int attempt, String pool, String worker) {
    if (attempt > 1 || stage.route().pools().size() > 1) { // else it is the stage's only pool
      poolOfWorker.putIfAbsent(worker, pool);
    }
  }

  String poolOf(PlannedStage stage, String worker) {
    String pool = poolOfWorker.get(worker);
    return pool != null ? pool : stage.route().pools().get(0).name();
  }

  /**
   * Notes a diagnostic. Those of a task are bounded together too: what comes when they are full is left out, which a
   * diagnostic says.
   */
  void diagnostic(int task, String name, @Nullable Object value) {
    BoundedValue.Sized copy = BoundedValue.of(value);
    diagnostics.computeIfAbsent(task, key -> new Noted()).add(EventText.bounded(name, null), copy);
  }

  Map<String, @Nullable Object> diagnostics(int task) {
    Noted noted = diagnostics.get(task);
    return noted == null ? Map.of() : noted.all();
  }

  /** The diagnostics of one task. Thread-safe. */
  private static final class Noted {
    private final Map<String, BoundedValue.Sized> byName = new LinkedHashMap<>();
    private int bytes;

    synchronized void add(String name, BoundedValue.Sized value) {
      BoundedValue.Sized before = byName.remove(name);
      if (before != null) {
        bytes -= size(name, before);
      }
      if (bytes + size(name, value) <= MOST_BYTES) {
        bytes += size(name, value);
        byName.put(name, value);
      } else {
        String told = "left out, as the diagnostics of a task take at most " + MOST_BYTES / 1024
            + " KiB together: " + name + ", and perhaps others that came later";
        byName.putIfAbsent(MORE, new BoundedValue.Sized(told, 0));
      }
    }

    private static int size(String name, BoundedValue.Sized value) {
      return 3 * name.length() + value.bytes();
    }

    synchronized Map<String, @Nullable Object> all() {
      Map<String, @Nullable Object> all = new LinkedHashMap<>();
      byName.forEach((name, value) -> all.put(name, value.value()));
      return Collections.unmodifiableMap(all);
    }
  }
}
