package dev.muster.testkit;

import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A listener that keeps what it receives and can be waited on.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class EventLog implements RunListener {
  private final List<RunEvent> events = new ArrayList<>();

  /** Creates an empty log. */
  public EventLog() {}

  @Override
  public synchronized void onEvent(RunEvent event) {
    events.add(event);
    notifyAll();
  }

  /** Returns all events so far, in order. */
  public synchronized List<RunEvent> all() {
    return List.copyOf(events);
  }

  /** Returns the events of one kind so far, in order. */
  public synchronized <E extends RunEvent> List<E> of(Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /**
   * Returns the last event.
   *
   * @throws IllegalStateException if there is none
   */
  public synchronized RunEvent last() {
    if (events.isEmpty()) {
      throw new IllegalStateException("nothing has happened");
    }
    return events.get(events.size() - 1);
  }

  /**
   * Waits until there are {@code count} events of one kind.
   *
   * @throws AssertionError if there are not within {@code patience}
   */
  public synchronized void await(Class<? extends RunEvent> kind, int count, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (of(kind).size() < count) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("not " + count + " " + kind.getSimpleName() + " within "
            + patience.toMillis() + " ms, but: " + events);
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + kind.getSimpleName(), e);
      }
    }
  }

  /** Returns the largest number of tasks that were running at the same time. */
  synchronized int mostAtOnce() {
    int running = 0;
    int most = 0;
    for (RunEvent event : events) {
      if (event instanceof RunEvent.TaskStarted) {
        most = Math.max(most, ++running);
      } else if (event instanceof RunEvent.TaskSucceeded || event instanceof RunEvent.TaskFailed) {
        running--;
      }
    }
    return most;
  }
}
