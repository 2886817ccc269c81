package dev.muster.internal.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.muster.error.Visible;
import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events to listeners, one after another, on a thread of its own. Whoever publishes faster than the listeners
 * can take waits. Without listeners nothing is kept and no thread is started. Thread-safe.
 */
final class EventBus {
  private static final Logger log = LoggerFactory.getLogger(EventBus.class);
  private static final int LIMIT = 1 << 14;
  private static final int PAUSE_MILLIS = 1000;

  private final String name;
  private final Duration patience;
  private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
  private final Object lock = new Object();
  private List<RunEvent> queue = new ArrayList<>();
  private volatile boolean active;
  private boolean closed;
  private boolean abandoned;
  private long delivered;
  private @Nullable Subscriber first;
  private @Nullable Thread thread;

  /**
   * @param name of the thread
   * @param patience how long the end waits for a listener that does not return from one event
   */
  EventBus(String name, Duration patience) {
    this.name = name;
    this.patience = patience;
  }

  /** Tells whether anybody listens; events need not be made otherwise. */
  boolean active() {
    return active;
  }

  /**
   * Sets the listener that hears of events before the others, and of all of them whatever the others do.
   *
   * @param pause called on the same thread whenever there is nothing more to deliver for the moment, and every second
   *     while that lasts
   */
  void first(RunListener listener, Runnable pause) {
    synchronized (lock) {
      first = new Subscriber(listener, pause);
      start();
    }
  }

  /** Adds a listener. */
  void add(RunListener listener) {
    synchronized (lock) {
      subscribers.add(new Subscriber(listener, () -> {}));
      start();
    }
  }

  @GuardedBy("lock")
  private void start() {
    if (thread == null && !closed) {
      thread = new Thread(this::deliver, name);
      thread.setDaemon(true);
      thread.start();
      active = true;
    }
  }

  /** Brings an event to the listeners, unless the bus is closed. */
  void publish(RunEvent event) {
    if (!active) {
      return;
    }
    boolean interrupted = false;
    synchronized (lock) {
      // A listener that publishes (by cancelling the run, say) must not wait for itself.
      while (queue.size() >= LIMIT && !closed && Thread.currentThread() != thread) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (!closed) {
        enqueue(event);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @GuardedBy("lock")
  private void enqueue(RunEvent event) {
    queue.add(event);
    if (queue.size() == 1) {
      lock.notifyAll();
    }
  }

  private void deliver() {
    List<RunEvent> batch = new ArrayList<>();
    while (true) {
      boolean idle = false;
      synchronized (lock) {
        while (queue.isEmpty() && !closed && !idle) {
          try {
            lock.wait(first == null ? 0 : PAUSE_MILLIS);
            idle = first != null && queue.isEmpty() && !closed;
          } catch (InterruptedException e) {
            log.debug("{} ignores an interrupt: it ends with its run", name, e);
          }
        }
        if ((queue.isEmpty() && !idle) || abandoned) {
          return;
        }
        List<RunEvent> full = queue;
        queue = batch;
        batch = full;
        lock.notifyAll();
      }
      Subscriber record = first();
      if (record != null) {
        batch.forEach(record::tell);
      }
      for (RunEvent event : batch) {
        for (Subscriber subscriber : subscribers) {
          subscriber.tell(event);
        }
        synchronized (lock) {
          delivered++;
          if (abandoned) {
            return;
          }
        }
      }
      batch.clear();
      boolean more;
      synchronized (lock) {
        more = !queue.isEmpty();
      }
      if (!more && record != null) {
        record.pause();
      }
    }
  }

  private @Nullable Subscriber first() {
    synchronized (lock) {
      return first;
    }
  }

  /** Tells whether the calling thread is the one that delivers. */
  boolean isDelivering() {
    synchronized (lock) {
      return Thread.currentThread() == thread;
    }
  }

  /**
   * Delivers what is left and then {@code last}, and ends. If a listener does not return from an event for the time of
   * patience, the others and it are left behind with what they have not heard of; the first listener hears of
   * everything. Not to be called by a listener.
   */
  void close(RunEvent last) {
    Thread delivering;
    synchronized (lock) {
      if (thread != null) {
        enqueue(last);
      }
      closed = true;
      delivering = thread;
      lock.notifyAll();
    }
    boolean interrupted = false;
    long before = -1;
    while (delivering != null && delivering.isAlive()) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(delivering, patience.toNanos());
        long now = progress();
        if (delivering.isAlive() && now == before) {
          abandon(delivering);
          break;
        }
        before = now;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    active = false;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private long progress() {
    synchronized (lock) {
      return delivered;
    }
  }

  private void abandon(Thread delivering) {
    List<RunEvent> left;
    Subscriber record;
    synchronized (lock) {
      abandoned = true;
      left = queue;
      queue = new ArrayList<>();
      record = first;
      lock.notifyAll();
    }
    log.warn(
        "a listener has not returned from an event for {} s; the run ends without it, and its thread {} is left to it",
        patience.toSeconds(),
        delivering.getName());
    if (record != null) {
      left.forEach(record::tell);
    }
  }

  /** A listener, shielded from the run and the run from it. Used by the delivering thread alone. */
  private static final class Subscriber {
    private final RunListener listener;
    private final Runnable pause;
    private boolean failed;

    Subscriber(RunListener listener, Runnable pause) {
      this.listener = listener;
      this.pause = pause;
    }

    void tell(RunEvent event) {
      try {
        listener.onEvent(event);
      } catch (Throwable e) { // whatever a listener throws must not harm the run
        if (failed) {
          log.debug("a listener failed again, on {}", event, e);
        } else {
          failed = true;
          log.warn(
              "a listener failed on {}; further failures are logged at debug",
              Visible.line(event.toString()),
              e);
        }
      }
      if (Thread.interrupted()) { // nor must an interrupt that it leaves behind
        log.debug("a listener interrupted the thread of events");
      }
    }

    void pause() {
      try {
        pause.run();
      } catch (RuntimeException | Error e) {
        log.error("a pause between events failed", e);
      }
    }
  }
}
