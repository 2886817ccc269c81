package dev.muster.testkit;

import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Passes everything on to a backend, and remembers the session that it opened. Thread-safe. */
final class SessionSpy implements Backend {
  private final Backend backend;
  private volatile @Nullable BackendSession session;

  SessionSpy(Backend backend) {
    this.backend = backend;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public BackendSession open(BackendContext context) {
    BackendSession opened = backend.open(context);
    session = opened;
    return opened;
  }

  BackendSession session() {
    return Objects.requireNonNull(session, "no run has opened the backend");
  }
}
