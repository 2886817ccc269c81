package dev.muster.batch.backend;

import dev.muster.spi.Backend;
import dev.muster.testkit.OwnValuesContract;

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
