package dev.muster.worker.internal;

import dev.muster.worker.Executor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs calls with an executor of the user's, which may return before the worker has ended. Thread-safe. */
final class OwnRunner implements CallRunner {
  private static final Logger log = LoggerFactory.getLogger(OwnRunner.class);
  private static final long FIRST_PAUSE_MILLIS = 2;
  private static final long LONGEST_PAUSE_MILLIS = 500;

  private final Executor executor;
  private final String worker;

  OwnRunner(Executor executor, String worker) {
    this.executor = executor;
    this.worker = worker;
  }

  @Override
  public void run(CallPlace place, Map<String, String> environment) throws Exception {
    try {
      executor.run(worker, place.definition());
    } catch (Exception e) {
      Judge.flag(place, String.valueOf(e));
      throw e;
    }
    if (!executor.waits()) {
      awaitFlag(place);
    }
    Judge.judge(place, "the worker " + worker + "." + place.call().functionName(), null, false);
  }

  // Reading the folder makes network file systems look at what is there now.
  private static void awaitFlag(CallPlace place) throws IOException, InterruptedException {
    Path done = place.done();
    Path error = place.error();
    long pause = FIRST_PAUSE_MILLIS;
    while (!Files.exists(done) && !Files.exists(error)) {
      TimeUnit.MILLISECONDS.sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(place.node())) {
        files.forEach(file -> log.trace("{} is there", file));
      }
    }
  }
}
