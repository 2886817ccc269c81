package dev.muster;

import dev.muster.plan.Route;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.TaskBody;

/** Runs every task inside {@code submit}, on the calling thread, and reports before it returns. */
final class SynchronousBackend implements Backend {
  @Override
  public String name() {
    return "synchronous";
  }

  @Override
  public BackendSession open(BackendContext context) {
    context.openOperations();
    return new BackendSession() {
      @Override
      public void submit(Route route, int attempt, int[] tasks, int count) {
        String pool = route.pools().get(0).name();
        TaskBody body = context.body(pool, "here");
        for (int i = 0; i < count; i++) {
          if (context.sink().started(tasks[i], attempt, pool, "here")) {
            try {
              context.sink().succeeded(tasks[i], attempt, body.run(tasks[i], attempt));
            } catch (Exception e) {
              context.sink().failed(tasks[i], attempt, e);
            }
          }
        }
      }

      @Override
      public void cancel(int task, int attempt) {}

      @Override
      public void close() {}
    };
  }
}
