package dev.muster.internal.engine;

import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of all that waits for a task that has failed for good: tasks that gather and tolerate it go on
 * without it, the others are skipped, and so on behind these. Thread-safe.
 */
final class Absences {
  private final Plan plan;
  private final boolean[] concerned;
  private final Map<Integer, Integer> missing = new HashMap<>();

  /**
   * What follows from a failure.
   *
   * @param tolerated whether all that has no output now is of no need to anybody: every way on from the task that
   *     failed ends at tasks that go on without
   * @param without the tasks that count one more output as missing, each once for each
   */
  record Consequence(boolean tolerated, List<Integer> without) {}

  /** Ends a task that has not started. */
  interface Skipping {
    /** Returns whether it had not ended otherwise. */
    boolean skip(int task, String reason);
  }

  Absences(Plan plan) {
    this.plan = plan;
    concerned = new boolean[plan.stages().size()];
    List<PlannedStage> order = plan.stagesInOrder();
    for (int i = order.size() - 1; i >= 0; i--) {
      PlannedStage stage = order.get(i);
      concerned[stage.index()] = stage.outgoing().stream()
          .anyMatch(link ->
              concerned[link.consumer()] || plan.stages().get(link.consumer()).tolerates(link));
    }
  }

  /** Tells whether something behind a stage goes on without what it gathers. */
  boolean concern(PlannedStage stage) {
    return concerned[stage.index()];
  }

  /** Returns how many outputs that a task gathers are missing so far. */
  int missing(int task) {
    synchronized (missing) {
      return missing.getOrDefault(task, 0);
    }
  }

  /** Skips what cannot run because a task has failed for good, and says what can. */
  Consequence failed(int failed, Skipping skipping) {
    ArrayDeque<Integer> open = new ArrayDeque<>();
    open.add(failed);
    String reason = plan.nameOf(failed) + " failed";
    List<Integer> without = new ArrayList<>();
    boolean tolerated = true;
    while (!open.isEmpty()) {
      int task = open.remove();
      PlannedStage stage = plan.stageOf(task);
      int local = task - stage.firstTask();
      int dependents = 0;
      for (Link link : stage.outgoing()) {
        PlannedStage consumer = plan.stages().get(link.consumer());
        boolean may = consumer.tolerates(link);
        int first = consumer.firstTask() + link.firstDependent(local);
        int end = first + link.dependentCount(local);
        dependents += link.dependentCount(local);
        for (int dependent = first; dependent < end; dependent++) {
          String why = may ? tooMany(consumer, dependent) : reason;
          if (why == null) {
            without.add(dependent);
          } else if (skipping.skip(dependent, why)) {
            open.add(dependent);
          }
        }
      }
      tolerated &= dependents > 0;
    }
    return new Consequence(tolerated, without);
  }

  /** Counts one more missing output; returns why that is too much, or null. */
  private @Nullable String tooMany(PlannedStage stage, int task) {
    int now;
    synchronized (missing) {
      now = missing.merge(task, 1, Integer::sum);
    }
    int most = stage.mostMissing(task);
    return now <= most
        ? null
        : "of the " + stage.gathered(task) + " outputs that it gathers, more are missing than the "
            + most + " that it tolerates";
  }
}
