package dev.muster.cli;

import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import dev.muster.run.RunProgress;
import dev.muster.run.RunProgress.StageProgress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far a run is, as the events of its last controller say. Not thread-safe. */
final class RecordedRun implements RunListener {
  private static final int LISTED = 1000;
  private static final byte WAITING = 0;
  private static final byte RUNNING = 1;
  private static final byte SUCCEEDED = 2;
  private static final byte FAILED = 3;
  private static final byte SKIPPED = 4;

  private final RecordedPlan plan;
  private final int[] first;
  private final int[][] counts;
  private final Map<Integer, RunEvent.TaskStarted> running = new LinkedHashMap<>();
  private final List<RunEvent.TaskFailed> failures = new ArrayList<>();
  private final List<RunEvent.InputsMissing> missing = new ArrayList<>();
  private byte[] states;
  private RunEvent.@Nullable RunStarted begin;
  private RunEvent.@Nullable RunFinished end;

  RecordedRun(RecordedPlan plan) {
    this.plan = plan;
    first = new int[plan.stages().size() + 1];
    for (int i = 0; i < plan.stages().size(); i++) {
      first[i + 1] = first[i] + plan.stages().get(i).tasks();
    }
    counts = new int[plan.stages().size()][SKIPPED + 1];
    states = new byte[first[first.length - 1]];
  }

  @Override
  public void onEvent(RunEvent event) {
    if (event instanceof RunEvent.RunStarted started) {
      restart(started);
    } else if (event instanceof RunEvent.RunFinished finished) {
      end = finished;
    } else if (event instanceof RunEvent.TaskStarted task) {
      running.put(task.task(), task);
      enter(task.task(), RUNNING);
    } else if (event instanceof RunEvent.TaskSucceeded task) {
      running.remove(task.task());
      enter(task.task(), SUCCEEDED);
    } else if (event instanceof RunEvent.TaskFailed task) {
      running.remove(task.task());
      enter(task.task(), task.retryAfter() == null ? FAILED : WAITING);
      if (task.retryAfter() == null && failures.size() < LISTED) {
        failures.add(task);
      }
    } else if (event instanceof RunEvent.TaskSkipped task) {
      running.remove(task.task());
      enter(task.task(), SKIPPED);
    } else if (event instanceof RunEvent.InputsMissing gather && missing.size() < LISTED) {
      missing.add(gather);
    } else if (event instanceof RunEvent.StageFinished stage) {
      finish(stage);
    }
  }

  /** Takes the counts that the run itself gives: tasks whose results were reused have no events. */
  private void finish(RunEvent.StageFinished finished) {
    for (int i = 0; i < counts.length; i++) {
      if (plan.stages().get(i).id().equals(finished.stage())) {
        counts[i][RUNNING] = 0;
        counts[i][SUCCEEDED] = finished.succeeded();
        counts[i][FAILED] = finished.failed();
        counts[i][SKIPPED] = finished.skipped();
      }
    }
  }

  /** A controller that goes on counts anew. */
  private void restart(RunEvent.RunStarted started) {
    begin = started;
    end = null;
    running.clear();
    failures.clear();
    missing.clear();
    states = new byte[states.length];
    for (int[] stage : counts) {
      java.util.Arrays.fill(stage, 0);
    }
  }

  private void enter(int task, byte state) {
    if (task < 0 || task >= states.length) {
      return; // of another plan than the one that is there now
    }
    int stage = 0;
    while (first[stage + 1] <= task) {
      stage++;
    }
    counts[stage][states[task]]--;
    counts[stage][state]++;
    states[task] = state;
  }

  /** Returns the counts, stage by stage. */
  RunProgress progress() {
    List<StageProgress> stages = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      RecordedPlan.Stage stage = plan.stages().get(i);
      int[] count = counts[i];
      stages.add(new StageProgress(
          stage.id(),
          stage.tasks(),
          count[RUNNING],
          count[SUCCEEDED],
          count[FAILED],
          count[SKIPPED]));
    }
    return new RunProgress(stages);
  }

  /** Returns the tasks that run, or ran when the process was killed, in the order in which they started. */
  List<RunEvent.TaskStarted> running() {
    return List.copyOf(running.values());
  }

  /** Returns the first failures for good; those of tasks that were only cancelled come last. */
  List<RunEvent.TaskFailed> failures() {
    List<RunEvent.TaskFailed> sorted = new ArrayList<>(failures);
    sorted.sort(java.util.Comparator.comparing(
        failure -> failure.kind() == dev.muster.run.FailureKind.CANCELLED));
    return sorted;
  }

  /** Returns the tasks that went on without some of what they gather, the first of them. */
  List<RunEvent.InputsMissing> missing() {
    return List.copyOf(missing);
  }

  /** Returns the begin, or null before it. */
  RunEvent.@Nullable RunStarted begin() {
    return begin;
  }

  /** Returns the end, or null before it. */
  RunEvent.@Nullable RunFinished end() {
    return end;
  }
}
