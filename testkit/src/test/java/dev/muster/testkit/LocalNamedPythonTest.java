package dev.muster.testkit;

import dev.muster.internal.local.LocalBackend;
import dev.muster.spi.Backend;

class LocalNamedPythonTest extends NamedPythonContract {
  @Override
  protected Backend backend() {
    return new LocalBackend();
  }

  @Override
  protected String python() {
    return "python3";
  }
}
