package dev.muster.internal.engine;

import dev.muster.plan.PlannedStage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What is known of some tasks only: their diagnostics, and the pools of workers where the plan leaves a choice. Thread-safe. */
final class TaskNotes {
  private final Map<Integer, Map<String, @Nullable Object>> diagnostics = new ConcurrentHashMap<>();
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

  void diagnostic(int task, String name, @Nullable Object value) {
    diagnostics
        .computeIfAbsent(task, key -> Collections.synchronizedMap(new LinkedHashMap<>()))
        .put(name, value);
  }

  Map<String, @Nullable Object> diagnostics(int task) {
    Map<String, @Nullable Object> noted = diagnostics.get(task);
    if (noted == null) {
      return Map.of();
    }
    synchronized (noted) {
      return Collections.unmodifiableMap(new LinkedHashMap<>(noted));
    }
  }
}
