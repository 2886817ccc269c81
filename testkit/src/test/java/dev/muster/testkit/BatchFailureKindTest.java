package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.execution.Execution;
import dev.muster.spi.Backend;
import java.time.Duration;

/** The table of failures, each task a process of its own. */
class BatchFailureKindTest extends FailureKindContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }

  @Override
  protected Duration patience() {
    return Duration.ofMinutes(10); // some 300 processes, one after another
  }

  @Override
  protected void configure(Execution.Builder execution) {
    execution.pool("default", pool -> pool.workers(4)).pool("second", pool -> pool.workers(2));
  }
}
