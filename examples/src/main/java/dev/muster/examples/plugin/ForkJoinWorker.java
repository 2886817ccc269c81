package dev.muster.examples.plugin;

import dev.muster.spi.BackendContext;
import dev.muster.spi.TaskBody;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.jspecify.annotations.Nullable;

/** A thread that runs tasks of one pool. Not thread-safe. */
final class ForkJoinWorker extends ForkJoinWorkerThread {
  private final BackendContext context;
  private final String pool;
  private @Nullable TaskBody idleBody;

  ForkJoinWorker(ForkJoinPool forkJoin, BackendContext context, String pool) {
    super(forkJoin);
    this.context = context;
    this.pool = pool;
    setDaemon(true);
  }

  String pool() {
    return pool;
  }

  String worker() {
    return pool + "-" + getPoolIndex();
  }

  /** Runs a task. While a thread waits for a parallel stream it may come by here a second time, hence the borrowing. */
  @Nullable
  Object run(int task, int attempt) throws Exception {
    TaskBody body = idleBody != null ? idleBody : context.body(pool, worker());
    idleBody = null;
    try {
      return body.run(task, attempt);
    } finally {
      idleBody = body;
    }
  }

  @Override
  protected void onStart() {
    super.onStart();
    context.sink().workerStarted(pool, worker());
  }

  @Override
  protected void onTermination(@Nullable Throwable error) {
    context.sink().workerEnded(pool, worker(), error == null ? null : error.toString());
    super.onTermination(error);
  }
}
