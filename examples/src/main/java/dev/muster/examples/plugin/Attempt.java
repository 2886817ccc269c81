package dev.muster.examples.plugin;

import dev.muster.spi.TaskSink;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One attempt at a task, queued or running. Thread-safe. */
final class Attempt implements Runnable {
  private final Key key;
  private final TaskSink sink;
  private final Map<Key, Attempt> attempts;
  private @Nullable Thread thread;
  private boolean cancelled;

  Attempt(Key key, TaskSink sink, Map<Key, Attempt> attempts) {
    this.key = key;
    this.sink = sink;
    this.attempts = attempts;
  }

  record Key(int task, int attempt) {}

  Key key() {
    return key;
  }

  @Override
  public void run() {
    ForkJoinWorker worker = (ForkJoinWorker) Thread.currentThread();
    if (begin(worker) && sink.started(key.task(), key.attempt(), worker.pool(), worker.worker())) {
      Object output = null;
      Throwable error = null;
      try {
        output = worker.run(key.task(), key.attempt());
      } catch (Throwable e) { // the engine decides what an error means
        error = e;
      }
      end();
      if (error == null) {
        sink.succeeded(key.task(), key.attempt(), output);
      } else {
        sink.failed(key.task(), key.attempt(), error);
      }
    } else {
      end();
    }
  }

  synchronized void cancel() {
    cancelled = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  private synchronized boolean begin(Thread worker) {
    thread = worker;
    return !cancelled;
  }

  // After this no interrupt comes, and one that came does not reach the next task of this thread.
  private synchronized void end() {
    attempts.remove(key);
    thread = null;
    if (cancelled) {
      Thread.interrupted();
    }
  }
}
