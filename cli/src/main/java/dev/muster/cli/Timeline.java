package dev.muster.cli;

import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a display needs of a run's events: when stages began and ended, and the news that nobody has been told
 * yet.
 *
 * <p>The run's thread writes, the display's thread reads. Of a flood of failures only the first are news. Thread-safe.
 */
final class Timeline implements RunListener {
  /** How many failed attempts of a run are told; the rest are in the counts and in the summary. */
  static final int TOLD_FAILURES = 50;

  private final Map<String, Instant> began = new ConcurrentHashMap<>();
  private final Map<String, Instant> ended = new ConcurrentHashMap<>();
  private final Queue<RunEvent> news = new ConcurrentLinkedQueue<>();
  private final Instant created;
  private volatile @Nullable Instant runBegan;
  private int failures;

  Timeline(Instant created) {
    this.created = created;
  }

  @Override
  public void onEvent(RunEvent event) {
    if (event instanceof RunEvent.RunStarted) {
      runBegan = event.time();
    } else if (event instanceof RunEvent.StageStarted stage) {
      began.putIfAbsent(stage.stage(), event.time());
    } else if (event instanceof RunEvent.StageFinished stage) {
      ended.putIfAbsent(stage.stage(), event.time());
    }
    if (isNews(event)) {
      news.add(event);
    }
  }

  private boolean isNews(RunEvent event) {
    if (event instanceof RunEvent.TaskFailed) {
      return ++failures <= TOLD_FAILURES;
    }
    return event instanceof RunEvent.RunStarted
        || event instanceof RunEvent.StageStarted
        || event instanceof RunEvent.StageFinished
        || event instanceof RunEvent.InputsMissing
        || event instanceof RunEvent.Notice
        || (event instanceof RunEvent.WorkerEnded worker && worker.reason() != null);
  }

  /** Returns the events since the last call that are worth telling, and forgets them. */
  List<RunEvent> news() {
    List<RunEvent> taken = new ArrayList<>();
    for (RunEvent event = news.poll(); event != null; event = news.poll()) {
      taken.add(event);
    }
    return taken;
  }

  /** Returns the time since the run began. */
  Duration elapsed(Instant now) {
    Instant start = runBegan;
    return positive(start == null ? created : start, now);
  }

  /** Returns how long a stage took, or has taken so far; null if it has not begun. */
  @Nullable
  Duration elapsed(String stage, Instant now) {
    Instant start = began.get(stage);
    return start == null ? null : positive(start, ended.getOrDefault(stage, now));
  }

  // Clocks of other machines, and clocks that are set back, must not make a negative time.
  private static Duration positive(Instant from, Instant to) {
    return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
  }
}
