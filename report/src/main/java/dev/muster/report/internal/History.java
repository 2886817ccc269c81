package dev.muster.report.internal;

import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.run.RunEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a run, from its events. Of a run that was gone on with: in its last controller; of the others it
 * keeps how they ended. Memory grows with attempts, by 25 bytes each. Not thread-safe.
 */
public final class History implements Consumer<RunEvent> {
  private static final int MOST_NOTICES = 200;

  /** One of the processes that carried the run out. */
  static final class Controller {
    final String run;
    final Instant began;
    /** When the last thing happened that is on record. */
    Instant last;

    RunEvent.@Nullable RunFinished finished;
    int succeeded;
    int failed;

    Controller(RunEvent.RunStarted started) {
      run = started.run();
      began = started.time();
      last = began;
    }

    Duration elapsed() {
      return finished == null ? Duration.between(began, last) : finished.elapsed();
    }
  }

  private final RecordedPlan plan;
  private final int[] first;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<Integer, Integer> running = new HashMap<>();
  private final List<Controller> controllers = new ArrayList<>();
  private List<StageHistory> stages = new ArrayList<>();
  private Attempts attempts = new Attempts();
  private Workers workers = new Workers();
  private FailureGroups failures = new FailureGroups();
  private List<RunEvent.Notice> notices = new ArrayList<>();
  private List<RunEvent.InputsMissing> missing = new ArrayList<>();
  private Instant epoch = Instant.EPOCH;

  /** @param plan the plan of the run */
  public History(RecordedPlan plan) {
    this.plan = plan;
    first = new int[plan.stages().size() + 1];
    for (int i = 0; i < plan.stages().size(); i++) {
      first[i + 1] = first[i] + plan.stages().get(i).tasks();
      numbers.put(plan.stages().get(i).id(), i);
    }
    begin();
  }

  private void begin() {
    stages = new ArrayList<>();
    plan.stages().forEach(stage -> stages.add(new StageHistory(stage)));
    attempts = new Attempts();
    workers = new Workers();
    failures = new FailureGroups();
    notices = new ArrayList<>();
    missing = new ArrayList<>();
    running.clear();
  }

  @Override
  public void accept(RunEvent event) {
    if (event instanceof RunEvent.RunStarted started) {
      controllers.add(new Controller(started));
      epoch = started.time();
      begin();
    }
    Controller now = controller();
    if (now == null) {
      return; // of a journal whose begin is lost
    }
    if (event.time().isAfter(now.last)) {
      now.last = event.time();
    }
    long time = micros(event.time());
    if (event instanceof RunEvent.TaskStarted task) {
      started(task, time);
    } else if (event instanceof RunEvent.TaskSucceeded task) {
      succeeded(task, time);
    } else if (event instanceof RunEvent.TaskFailed task) {
      failed(task, time);
    } else if (event instanceof RunEvent.TaskSkipped task) {
      skipped(task, time);
    } else if (event instanceof RunEvent.StageFinished stage) {
      Integer number = numbers.get(stage.stage());
      if (number != null) {
        stages.get(number).finished(stage, time);
      }
    } else if (event instanceof RunEvent.WorkerStarted worker) {
      workers.started(worker.pool(), worker.worker(), time);
    } else if (event instanceof RunEvent.WorkerEnded worker) {
      workers.ended(worker.pool(), worker.worker(), worker.reason(), time);
    } else if (event instanceof RunEvent.Notice notice && notices.size() < MOST_NOTICES) {
      notices.add(notice);
    } else if (event instanceof RunEvent.InputsMissing gather && missing.size() < MOST_NOTICES) {
      missing.add(gather);
    } else if (event instanceof RunEvent.RunFinished finished) {
      now.finished = finished;
    }
  }

  private long micros(Instant time) {
    Duration since = Duration.between(epoch, time);
    return Math.max(0, since.toSeconds() * 1_000_000 + since.toNanosPart() / 1000);
  }

  private void started(RunEvent.TaskStarted task, long time) {
    int stage = stageOf(task.task());
    if (stage < 0) {
      return;
    }
    end(task.task(), time, Attempts.End.FAILED); // its end is not on record
    StageHistory history = stages.get(stage);
    history.running++;
    if (history.started < 0) {
      history.started = time;
    }
    int row = workers.take(task.pool(), task.worker(), time);
    running.put(task.task(), attempts.add(stage, row, time));
  }

  private void succeeded(RunEvent.TaskSucceeded task, long time) {
    int stage = stageOf(task.task());
    if (stage < 0) {
      return;
    }
    Integer attempt = running.get(task.task());
    String worker = attempt == null ? "" : workers.row(attempts.row(attempt)).worker();
    end(task.task(), time, Attempts.End.SUCCEEDED);
    stages.get(stage).succeeded(task, worker);
    if (attempt == null) { // its start is not on record
      stages.get(stage).running++;
    }
    last().succeeded++;
  }

  private void failed(RunEvent.TaskFailed task, long time) {
    int stage = stageOf(task.task());
    if (stage < 0) {
      return;
    }
    Integer attempt = running.get(task.task());
    long lost = attempt == null ? 0 : time - attempts.start(attempt);
    StageHistory history = stages.get(stage);
    if (attempt != null) {
      history.running--;
    }
    history.lost += Math.max(0, lost);
    if (task.retryAfter() == null) {
      history.failed++;
      last().failed++;
    } else {
      history.retries++;
    }
    end(task.task(), time, Attempts.End.FAILED);
    failures.add(task, history.stage.id(), Math.max(0, lost));
  }

  private void skipped(RunEvent.TaskSkipped task, long time) {
    int stage = stageOf(task.task());
    if (stage < 0) {
      return;
    }
    StageHistory history = stages.get(stage);
    if (running.containsKey(task.task())) {
      history.running--;
    }
    end(task.task(), time, Attempts.End.FAILED);
    history.skipped++;
    if (history.skippedBecause == null) {
      history.skippedBecause = task.reason();
    }
  }

  private void end(int task, long time, Attempts.End how) {
    Integer attempt = running.remove(task);
    if (attempt != null) {
      attempts.end(attempt, time, how);
      workers.free(attempts.row(attempt), Math.max(0, time - attempts.start(attempt)));
    }
  }

  /** Returns the number of a task's stage, or -1 for a task of another plan than the one that is there. */
  private int stageOf(int task) {
    if (task < 0 || task >= first[first.length - 1]) {
      return -1;
    }
    int low = 0;
    int high = first.length - 1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (first[middle] <= task) {
        low = middle;
      } else {
        high = middle;
      }
    }
    while (first[low + 1] <= task) {
      low++; // stages without tasks
    }
    return low;
  }

  private @Nullable Controller controller() {
    return controllers.isEmpty() ? null : controllers.get(controllers.size() - 1);
  }

  private Controller last() {
    return controllers.get(controllers.size() - 1);
  }

  /** Returns the processes that carried the run out, in their order; none if nothing is on record. */
  List<Controller> controllers() {
    return controllers;
  }

  /** Returns the time of the last event, in microseconds since the run began. */
  long now() {
    Controller last = controller();
    return last == null ? 0 : micros(last.last);
  }

  List<StageHistory> stages() {
    return stages;
  }

  Attempts attempts() {
    return attempts;
  }

  Workers workers() {
    return workers;
  }

  FailureGroups failures() {
    return failures;
  }

  /** Returns the first things that were told to the user. */
  List<RunEvent.Notice> notices() {
    return notices;
  }

  /** Returns the first tasks that went on without some of what they gather. */
  List<RunEvent.InputsMissing> missing() {
    return missing;
  }
}
