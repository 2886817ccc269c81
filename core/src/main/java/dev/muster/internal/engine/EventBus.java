package dev.muster.internal.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events to listeners, one after another, on a thread of its own. Whoever publishes faster than the listeners can take waits. Without
 * listeners nothing is kept and no thread is started. Thread-safe.
 */
final class EventBus {
  private static final Logger log = LoggerFactory.getLogger(EventBus.class);
  private static final int LIMIT = 1 << 14;

  /** No pause to speak of. */
  static final Runnable NOTHING = () -> {};

  private final String name;
  private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
  private final Object lock = new Object();
  private List<RunEvent> queue = new ArrayList<>();
  private volatile boolean active;
  private boolean closed;
  private @Nullable Thread thread;

  EventBus(String name) {
    this.name = name;
  }

  /** Tells whether anybody listens; events need not be made otherwise. */
  boolean active() {
    return active;
  }

  /**
   * Adds a listener.
   *
   * @param pause called on the same thread whenever there is nothing more to deliver for the moment
   */
  void add(RunListener listener, Runnable pause) {
    synchronized (lock) {
      subscribers.add(new Subscriber(listener, pause));
      if (thread == null && !closed) {
        thread = new Thread(this::deliver, name);
        thread.setDaemon(true);
        thread.start();
        active = true;
      }
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
      synchronized (lock) {
        while (queue.isEmpty() && !closed) {
          try {
            lock.wait();
          } catch (InterruptedException e) {
            log.debug("{} ignores an interrupt: it ends with its run", name, e);
          }
        }
        if (queue.isEmpty()) {
          return;
        }
        List<RunEvent> full = queue;
        queue = batch;
        batch = full;
        lock.notifyAll();
      }
      for (RunEvent event : batch) {
        for (Subscriber subscriber : subscribers) {
          subscriber.tell(event);
        }
      }
      batch.clear();
      boolean more;
      synchronized (lock) {
        more = !queue.isEmpty();
      }
      if (!more) {
        subscribers.forEach(Subscriber::pause);
      }
    }
  }

  /** Tells whether the calling thread is the one that delivers. */
  boolean isDelivering() {
    synchronized (lock) {
      return Thread.currentThread() == thread;
    }
  }

  /** Delivers what is left and then {@code last}, and ends. Not to be called by a listener. */
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
    while (delivering != null && delivering.isAlive()) {
      try {
        delivering.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    active = false;
    if (interrupted) {
      Thread.currentThread().interrupt();
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
          log.warn("a listener failed on {}; further failures are logged at debug", event, e);
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
