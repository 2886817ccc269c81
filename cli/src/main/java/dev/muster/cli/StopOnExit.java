package dev.muster.cli;

import dev.muster.internal.thread.RunThreads;
import dev.muster.run.Run;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stops a run when the process is told to end: asks the run to end, and holds the process until {@link #close} says
 * that nothing is left of it, but not for ever. Thread-safe.
 */
final class StopOnExit implements AutoCloseable {
  /** How long the process waits for a run to end. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Screen screen;
  private final CountDownLatch over = new CountDownLatch(1);
  private @Nullable Thread hook;
  private volatile boolean stopping;

  StopOnExit(Screen screen) {
    this.screen = screen;
  }

  /** Has {@code run} stopped when the process is told to end; called once. */
  void stop(Run run) {
    Thread thread = new Thread(() -> end(run), RunThreads.name("stop", run.id()));
    hook = thread;
    try {
      Runtime.getRuntime().addShutdownHook(thread);
    } catch (IllegalStateException e) {
      // The process ends already: there is no later moment to wait for.
      stopping = true;
      run.cancel();
    }
  }

  /** Tells whether the run was asked to end. */
  boolean stopping() {
    return stopping;
  }

  private void end(Run run) {
    if (over.getCount() == 0) {
      return;
    }
    stopping = true;
    screen.print("interrupted: stopping the run; once more to leave at once");
    run.cancel();
    try {
      if (over.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    screen.close();
    screen.print("the run did not end within " + Text.time(PATIENCE) + "; leaving");
    Children.end();
  }

  /** Says that the run is over and nothing is left of it. Idempotent. */
  @Override
  public void close() {
    over.countDown();
    if (hook == null) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook runs already, and ends now.
      return;
    }
  }
}
