package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.spi.Backend;
import java.time.Duration;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The table of values in jobs that are real processes, and between them and the backend local: some thousand jobs, so
 * only {@code ./check --all} has it.
 */
@EnabledIfEnvironmentVariable(named = "MUSTER_CHECK_ALL", matches = "1")
class BatchPassedValuesTest extends PassedValuesContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }

  @Override
  protected Duration patience() {
    return Duration.ofMinutes(20);
  }
}
