package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.run.FailureKind;
import dev.muster.workflow.Retry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a failed attempt is followed by another, when, and where. Only tasks that failed take any space. Thread-safe.
 */
final class Attempts {
  /** A task that its workers did not survive this often is taken for the reason. */
  static final int MOST_LOSSES = 3;

  private static final Duration LONGEST = Duration.ofHours(1);

  private final Plan plan;
  private final RandomGenerator random;
  private final Map<Integer, History> histories = new HashMap<>();

  Attempts(Plan plan, RandomGenerator random) {
    this.plan = plan;
    this.random = random;
  }

  private static final class History {
    private int spent;
    private int lost;
    private @Nullable Route escalated;
  }

  /** Returns where a task goes: its stage's route, or the one that it escalated to. */
  synchronized Route route(int task) {
    History history = histories.get(task);
    return history != null && history.escalated != null ? history.escalated : plan.routeOf(task);
  }

  /** Takes note of a failed attempt; returns the wait before the next, or null if there is none. */
  synchronized @Nullable Duration another(int task, FailureKind kind) {
    if (!kind.retryable()) {
      return null;
    }
    PlannedStage stage = plan.stageOf(task);
    Retry retry = stage.stage().retry();
    History history = histories.computeIfAbsent(task, key -> new History());
    if (!kind.spendsRetry()) {
      history.lost++;
      return history.lost < MOST_LOSSES ? Duration.ZERO : null;
    }
    if (history.spent >= retry.max()) {
      return null;
    }
    if (kind == FailureKind.OUT_OF_MEMORY && retry.escalate() != null) {
      history.escalated = plan.escalationOf(stage);
    }
    Duration wait = backoff(retry.backoff(), history.spent, random.nextDouble());
    history.spent++;
    return wait;
  }

  static Duration backoff(Duration first, int failuresBefore, double chance) {
    if (first.isZero()) {
      return first;
    }
    double seconds =
        first.toNanos() / 1e9 * Math.pow(2, Math.min(failuresBefore, 30)) * (1 + chance / 4);
    return seconds > LONGEST.toSeconds()
        ? max(LONGEST, first)
        : Duration.ofNanos((long) (seconds * 1e9));
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
