package dev.muster.testkit;

import dev.muster.internal.local.LocalBackend;
import dev.muster.spi.Backend;

class LocalMissingInputsTest extends MissingInputsContract {
  @Override
  protected Backend backend() {
    return new LocalBackend();
  }
}
