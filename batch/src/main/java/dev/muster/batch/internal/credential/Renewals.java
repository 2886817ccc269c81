package dev.muster.batch.internal.credential;

import dev.muster.internal.thread.RunThreads;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again whether credentials were renewed, in a thread of its own: a file system may take long to
 * answer. Thread-safe.
 */
final class Renewals implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Renewals.class);
  private static final long SECONDS = 5;

  private final ScheduledThreadPoolExecutor timer;

  private Renewals(ScheduledThreadPoolExecutor timer) {
    this.timer = timer;
  }

  static Renewals start(String run, Runnable look) {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, RunThreads.daemons("credentials", run));
    ScheduledFuture<?> unused = timer.scheduleWithFixedDelay(
        () -> {
          try {
            look.run();
          } catch (RuntimeException e) {
            // The next look may go well; an exception that left would end them all.
            log.warn("cannot see whether credentials were renewed", e);
          }
        },
        SECONDS,
        SECONDS,
        TimeUnit.SECONDS);
    return new Renewals(timer);
  }

  @Override
  public void close() {
    List<Runnable> unused = timer.shutdownNow();
  }
}
