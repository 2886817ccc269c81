package dev.muster.worker.internal;

import dev.muster.worker.Executor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs calls with an executor of the user's, which may return before the worker has ended. Thread-safe. */
final class OwnRunner implements CallRunner {
  private static final long FIRST_PAUSE_MILLIS = 2;
  private static final long LONGEST_PAUSE_MILLIS = 500;

  private final Executor executor;
  private final String worker;

  OwnRunner(Executor executor, String worker) {
    this.executor = executor;
    this.worker = worker;
  }

  @Override
  public void run(CallPlace place, CallEnvironment environment) throws Exception {
    try {
      CompletionStage<?> end = executor.run(worker, place.definition());
      if (end == null) {
        awaitFlag(place);
      } else {
        await(end.toCompletableFuture());
      }
    } catch (Exception e) {
      Judge.flag(place, String.valueOf(e));
      throw e;
    }
    Judge.judge(place, "the worker " + worker + "." + place.call().functionName(), null, false);
  }

  private static void await(Future<?> end) throws Exception {
    try {
      end.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (CancellationException e) {
      throw new IOException("its executor has cancelled the call", e);
    } catch (InterruptedException e) {
      end.cancel(true);
      throw e;
    }
  }

  private static void awaitFlag(CallPlace place) throws IOException, InterruptedException {
    Path done = place.done();
    Path error = place.error();
    long pause = FIRST_PAUSE_MILLIS;
    while (!Files.exists(done) && !Files.exists(error)) {
      TimeUnit.MILLISECONDS.sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      place.look();
    }
  }
}
