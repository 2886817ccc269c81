package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.workflow.Retry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a failed attempt is followed by another, when, and where. Only tasks that failed take any space.
 * Thread-safe.
 */
final class Attempts {
  /** A task that its workers did not survive this often is taken for the reason. */
  static final int MOST_LOSSES = 3;

  /** Being taken back is the site's doing, but it must not go on for ever. */
  static final int MOST_PREEMPTIONS = 100;

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
    private int preempted;
    private @Nullable Route escalated;
  }

  /** Returns where a task goes: its stage's route, or the one that it escalated to. */
  synchronized Route route(int task) {
    History history = histories.get(task);
    return history != null && history.escalated != null ? history.escalated : plan.routeOf(task);
  }

  /** Takes note of a failed attempt; returns the wait before the next, or null if there is none. */
  synchronized @Nullable Duration another(int task, TaskFailure failure) {
    if (!failure.kind().retryable()) {
      return null;
    }
    PlannedStage stage = plan.stageOf(task);
    Retry retry = stage.stage().retry();
    History history = histories.computeIfAbsent(task, key -> new History());
    Duration wait = another(history, retry, failure.kind());
    if (wait != null
        && retry.escalate() != null
        && retry.escalateOn().includes(failure.kind().name(), failure.exitCode())) {
      history.escalated = plan.escalationOf(stage);
    }
    return wait;
  }

  private @Nullable Duration another(History history, Retry retry, FailureKind kind) {
    if (kind == FailureKind.PREEMPTED) { // says nothing of the task
      return ++history.preempted < MOST_PREEMPTIONS ? Duration.ZERO : null;
    }
    if (!kind.spendsRetry()) {
      history.lost++;
      return history.lost < MOST_LOSSES ? Duration.ZERO : null;
    }
    if (history.spent >= retry.max()) {
      return null;
    }
    Duration wait = backoff(retry.backoff(), history.spent, random.nextDouble());
    history.spent++;
    return wait;
  }

  /**
   * Returns the wait before the next attempt: it doubles with every failure, up to an hour (or {@code first}, if that
   * is longer), and varies by up to a quarter.
   *
   * @param chance a number from 0 to 1
   */
  static Duration backoff(Duration first, int failuresBefore, double chance) {
    if (first.isZero()) {
      return first;
    }
    if (first.compareTo(LONGEST) >= 0) {
      return first;
    }
    double nanos = first.toNanos() * Math.pow(2, Math.min(failuresBefore, 62)) * (1 + chance / 4);
    return nanos >= LONGEST.toNanos() ? LONGEST : Duration.ofNanos((long) nanos);
  }
}
