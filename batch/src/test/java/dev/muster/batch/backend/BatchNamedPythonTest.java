package dev.muster.batch.backend;

import dev.muster.spi.Backend;
import dev.muster.testkit.NamedPythonContract;

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
