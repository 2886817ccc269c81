package dev.muster.testkit;

import dev.muster.batch.backend.BatchBackend;
import dev.muster.spi.Backend;

class BatchNamedPythonTest extends NamedPythonContract {
  @Override
  protected Backend backend() {
    return new BatchBackend();
  }

  @Override
  protected String python() {
    return "/usr/bin/python3";
  }
}
