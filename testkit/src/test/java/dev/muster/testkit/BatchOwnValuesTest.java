package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.spi.Backend;

/** That each call of a function has values of its own, each in a process of its own. */
class BatchOwnValuesTest extends OwnValuesContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }

  @Override
  protected boolean keepsProcesses() {
    return false;
  }
}
